"""The tokenizer of a corpus: a file the recipe names, or one learnt from the corpus' own documents."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.recipe.sections import Tokenizer, TrainTokenizer
from tesuki.pipelines.storage.files import atomic_file, write_bytes
from tesuki.pipelines.storage.listing import is_as_listed, write_listing
from tesuki.pipelines.storage.names import digest
from tesuki.pipelines.tokens.training_texts import training_texts
from tesuki.tokenize.document_contract import DocumentForm
from tesuki.tokenize.tokenizer_files import fingerprint_of, tokenizer_files
from tesuki.tokenize.tokenizers import open_tokenizer
from tesuki.tokenize.training import VocabularyTooLargeError, train_sentencepiece


@dataclass(frozen=True, slots=True)
class TokenizerFile:
    """A model on disk and what the manifest says of it."""

    path: Path
    fingerprint: str
    about: Mapping[str, Any]


def tokenizer_file(
    settings: Tokenizer, recipe_folder: Path, documents: Path, name: str, folder: Path, code: str
) -> TokenizerFile:
    """The tokenizer that ``settings`` ask for, copied or trained below ``folder``.

    ``documents`` is the folder to learn from and ``name`` names its content: a model that was learnt from it with
    the same settings by the same ``code`` is used again. Raises `WorkError` where the documents cannot fill the
    vocabulary asked for.
    """
    if settings.train is None:
        source = recipe_folder / str(settings.path)
        # A folder for each, so that no configuration of another tokenizer lies beside it.
        path = folder / fingerprint_of(source) / source.name
        for file in tokenizer_files(source):
            with file.open("rb") as given, atomic_file(path.with_name(file.name)) as sink:
                shutil.copyfileobj(given, sink)
        return _described(path, settings.document, {"trained": False})
    training = settings.train
    model = folder / digest({"documents": name, "train": training.model_dump(), "code": code})
    path, listing = model / "tokenizer.model", model.with_suffix(".json")
    if not is_as_listed(model, listing):
        write_bytes(path, _trained(training, documents))
        write_listing(model, listing)
    return _described(path, settings.document, {"trained": True})


def _trained(training: TrainTokenizer, documents: Path) -> bytes:
    learn = partial(
        train_sentencepiece,
        words_by=training.words,
        seed=training.seed,
        maximum_characters=training.characters,
    )
    try:
        try:
            return learn(training_texts(documents), vocabulary_size=training.vocabulary_size)
        except VocabularyTooLargeError as failure:
            if not training.shrink:
                raise
            return learn(training_texts(documents), vocabulary_size=failure.largest)
    except ValueError as failure:
        raise WorkError(f"tokenizer.train: {failure} (field tokenizer.train.vocabulary_size)") from None


def _described(path: Path, form: DocumentForm, about: Mapping[str, Any]) -> TokenizerFile:
    tokenizer = open_tokenizer(path, form)
    return TokenizerFile(
        path,
        tokenizer.fingerprint,
        {
            **about,
            "path": f"tokenizer/{path.name}",
            "fingerprint": tokenizer.fingerprint,
            "vocabulary_size": tokenizer.vocabulary_size,
            "dtype": str(tokenizer.dtype),
            "document": tokenizer.contract.form,
            "bos": tokenizer.contract.bos,
            "eos": tokenizer.contract.eos,
        },
    )
