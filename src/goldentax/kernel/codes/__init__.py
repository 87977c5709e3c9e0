"""Code tables (代码表): dated codes with names and parents, found by code, words and pinyin."""
