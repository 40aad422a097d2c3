"""Check digits: what tells a number that means something from any other of its length."""

from __future__ import annotations

_MY_NUMBER_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def passes_luhn(digits: str) -> bool:
    """Whether a card number's last digit is right (ISO/IEC 7812-1, annex B). ``digits`` are ASCII digits."""
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(digit - 9 * (digit > 9) for digit in doubled)) % 10 == 0


def is_my_number(digits: str) -> bool:
    """Whether 12 ASCII digits are an individual number of Japan (総務省令第八十五号, 2014, article 5).

    The check digit is 11 less the remainder by 11 of the weighted sum of the others; 0 where that remainder is 0 or 1.
    """
    if len(digits) != 12:
        return False
    remainder = sum(w * int(digit) for w, digit in zip(_MY_NUMBER_WEIGHTS, digits, strict=False)) % 11
    return int(digits[-1]) == (0 if remainder <= 1 else 11 - remainder)
