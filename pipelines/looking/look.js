"use strict";
// Everything strangers wrote goes into the page as text, never as markup.
const shown = document.getElementById("shown");
const words = document.getElementById("words");
let latest = 0;

const made = (tag, text = "", name = "") => {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  return element;
};
const both = (tag, english, japanese, name = "") => {
  const element = made(tag, "", name);
  for (const [language, text] of [["en", english], ["ja", japanese]]) {
    const span = made("span", text);
    span.lang = language;
    element.append(span);
  }
  return element;
};
const link = (text, kind, value) => {
  const element = made("a", text);
  element.href = "#" + kind + "=" + encodeURIComponent(value);
  return element;
};
const ask = async (name, question) => {
  const answer = await fetch(name + "?q=" + encodeURIComponent(question));
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error);
  return value;
};

const rules = async () => {
  const table = made("table");
  table.id = "rules";
  const head = table.insertRow();
  head.append(both("th", "rule", "規則"), both("th", "", "", "far"), both("th", "pages", "ページ", "n"), both("th", "fate", "行き先"));
  for (const rule of await ask("rules", "")) {
    const row = table.insertRow();
    row.insertCell().append(rule.fate === "withheld" ? rule.rule : link(rule.rule, "rule", rule.rule));
    row.append(both("td", rule.english, rule.japanese, "far"));
    row.append(made("td", rule.pages.toLocaleString("en"), "n"), made("td", rule.fate));
  }
  const wide = made("div", "", "wide");
  wide.append(table);
  return [both("h2", "Why pages left", "ページが外れた理由"), wide];
};
const search = async (wanted) => {
  const found = await ask("search", wanted);
  const read = found.read.toLocaleString("en");
  const rest = found.complete ? ["all", "すべて"] : ["not all", "一部のみ"];
  const head = both("p", found.hits.length + " documents; " + read + " texts read (" + rest[0] + ")",
    found.hits.length + " 文書、読んだ本文 " + read + "(" + rest[1] + ")");
  head.id = "found";
  return [head, ...found.hits.map((hit) => {
    const article = made("article");
    const text = made("p");
    text.append(hit.before, made("mark", hit.found), hit.after);
    article.append(link(hit.title || hit.url, "page", hit.id), made("br"), made("small", hit.url + " · " + hit.subset + " · " + hit.level), text);
    return article;
  })];
};
const examples = async (rule) => {
  const found = await ask("examples", rule);
  return [made("h2", rule), both("p", found.english, found.japanese), ...found.pages.map((page) => {
    const article = made("article");
    const bound = page.value === null ? "" : " · " + page.value + (page.threshold === null ? "" : " / " + page.threshold);
    article.append(link(page.url || page.record_id, "page", page.record_id), made("br"), made("small", page.fate + bound + " · " + page.characters.toLocaleString("en")));
    if (page.text) article.append(made("pre", page.text, "text"));
    else if (page.id) article.append(both("p", "text not shown", "本文は表示しない"));
    return article;
  })];
};
const story = async (page) => {
  const found = await ask("page", page);
  return found.flatMap((capture) => {
    const told = made("div", "", "story");
    told.append(...capture.story.map((line) => made("div", line)));
    const parts = [told];
    if (capture.rule) parts.push(link(capture.rule, "rule", capture.rule));
    if (capture.text) parts.push(both("h2", "Text", "本文"), made("pre", capture.text, "text"));
    else parts.push(both("p", "text not shown: " + capture.why[0], "本文は表示しない:" + capture.why[1]));
    return parts;
  });
};

const views = { find: search, rule: examples, page: story };
const show = async () => {
  const number = ++latest;
  const [kind, value] = location.hash.slice(1).split("=", 2);
  const wanted = decodeURIComponent(value || "");
  if (kind === "find") words.value = wanted;
  shown.replaceChildren(both("p", "reading …", "読み込み中…"));
  let content;
  try {
    content = await (views[kind] || rules)(wanted);
  } catch (failure) {
    content = [made("p", String(failure.message))];
  }
  // A slow answer to an earlier question must not take the place of a later one.
  if (number === latest) shown.replaceChildren(...content);
};
const go = () => {
  const wanted = words.value.trim();
  if (!wanted) return;
  const named = wanted.includes("://") || /^[0-9a-f]{32}$/.test(wanted) || wanted.startsWith("<urn:");
  location.hash = (named ? "page" : "find") + "=" + encodeURIComponent(wanted);
};
document.getElementById("go").addEventListener("click", go);
words.addEventListener("keydown", (event) => { if (event.key === "Enter") go(); });
window.addEventListener("hashchange", show);
show();
