"""Small tokenizers of every kind of step, with the ids of Rust's tokenizers: python make_tokenizers.py > tokenizers.json

pip install tokenizers sentencepiece. Texts keep to characters that Unicode had assigned by version 3.2 (and old emoji): for later ones the tables of the Rust
crates, of ICU and of Python differ (see src/core/encoder/tokenizer/normalizers.ts).
"""
import json
import random
import sys
import unicodedata
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers as N, pre_tokenizers as P, processors, trainers

REFERENCE = Path(__file__).parent / "reference"
sys.path.insert(0, str(REFERENCE / "models"))
import tiny_tokenizers  # noqa: E402

SENTENCES = json.loads((REFERENCE / "golden/encoder/sentences.json").read_text())
CORPUS = SENTENCES[:10] * 3 + SENTENCES[28:38] + ["Don't you'll we've I'm 12 345 foo-bar a_b New York the dog, the dogs; hotdog"] * 4
UNK = "<unk>"


def bpe(normalizer, pre_tokenizer, is_byte_level=False, **options):
    tokenizer = Tokenizer(models.BPE(**options))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    alphabet = {"initial_alphabet": P.ByteLevel.alphabet(), "vocab_size": 300} if is_byte_level else {"limit_alphabet": 90, "vocab_size": 130}
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(special_tokens=[UNK, "<s>", "</s>"], show_progress=False, **alphabet))
    return tokenizer


def unigram(normalizer=None, pre_tokenizer=None):
    pieces, _ = tiny_tokenizers.train_unigram(SENTENCES[:10] * 3, 90)
    tokenizer = Tokenizer(models.Unigram([(UNK, 0.0), ("<s>", 0.0), ("</s>", 0.0), *pieces], unk_id=0))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    return tokenizer


def with_added_tokens():
    tokenizer = bpe(N.BertNormalizer(), P.BertPreTokenizer(), unk_token=UNK)
    tokenizer.add_tokens([
        AddedToken("dog", single_word=True), AddedToken("dogs"), AddedToken("New York", normalized=True), AddedToken("XX", lstrip=True, rstrip=True, normalized=False),
        AddedToken("Ünder", normalized=True), AddedToken("a.b+c", normalized=False),
    ])  # fmt: skip
    tokenizer.post_processor = processors.TemplateProcessing(single="<s>:1 <s>:1 $A:0 </s>:2", pair=None, special_tokens=[("<s>", 1), ("</s>", 2)])
    return tokenizer


def byte_fallback():
    tokenizer = unigram(N.Prepend("▁"), P.Metaspace(prepend_scheme="never"))
    vocab = json.loads(tokenizer.to_str())["model"]["vocab"] + [[f"<0x{b:02X}>", 0.0] for b in range(256)]
    fallback = Tokenizer(models.Unigram([(p, s) for p, s in vocab], unk_id=0, byte_fallback=True))
    fallback.normalizer, fallback.pre_tokenizer = tokenizer.normalizer, tokenizer.pre_tokenizer
    return fallback


def make():
    yield "bert-cased-no-clean", bpe(N.BertNormalizer(clean_text=False, handle_chinese_chars=True, strip_accents=True, lowercase=False), P.BertPreTokenizer(), unk_token=UNK)
    yield "bert-lower-keep-accents", bpe(N.BertNormalizer(strip_accents=False), P.BertPreTokenizer(), unk_token=UNK)
    yield "nfkc-strip-lower, whitespace-punctuation-digits", bpe(N.Sequence([N.NFKC(), N.Strip(), N.Lowercase()]), P.Sequence([P.Whitespace(), P.Punctuation(), P.Digits(individual_digits=True)]), unk_token=UNK)
    yield "nfd-accents, contiguous", bpe(N.Sequence([N.NFD(), N.StripAccents()]), P.Sequence([P.WhitespaceSplit(), P.Punctuation("contiguous"), P.Digits()]), unk_token=UNK)
    yield "strip-left, char-delimiter", bpe(N.Sequence([N.Strip(right=False), N.NFKD()]), P.CharDelimiterSplit("e"), unk_token=UNK)
    for behavior in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"):
        yield f"nmt, split at a text, {behavior}", bpe(N.Nmt(), P.Split(" " if behavior == "removed" else "-", behavior), unk_token=UNK)
        yield f"split at a pattern, {behavior}", bpe(None, P.Split(Regex(r"\s+|\d"), behavior), unk_token=UNK)
        yield f"split inverted, {behavior}", bpe(None, P.Split(Regex(r"\w+"), behavior, invert=True), unk_token=UNK)
    words = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    yield "gpt-4-words", bpe(N.NFC(), P.Sequence([P.Split(Regex(words), "isolated"), P.ByteLevel(add_prefix_space=False, use_regex=False)]), is_byte_level=True)
    yield "byte-level-normaliser", bpe(N.ByteLevel(), P.Split("Ġ", "merged_with_next"), is_byte_level=True)
    yield "byte-level-prefix", bpe(None, P.ByteLevel(add_prefix_space=True), is_byte_level=True)
    yield "replace-pattern", bpe(N.Replace(Regex(r"\s+"), "$&"), P.WhitespaceSplit(), unk_token=UNK)
    yield "fused-unknown", bpe(N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")]), P.Split("▁", "merged_with_next"), unk_token=UNK, fuse_unk=True)
    for scheme in ("always", "first", "never"):
        yield f"metaspace-{scheme}", unigram(None, P.Metaspace(prepend_scheme=scheme))
        yield f"metaspace-{scheme}-whole", unigram(None, P.Metaspace(prepend_scheme=scheme, split=False))
        yield f"words, metaspace-{scheme}", unigram(None, P.Sequence([P.WhitespaceSplit(), P.Metaspace(prepend_scheme=scheme)]))
    yield "byte-fallback", byte_fallback()
    yield "albert", tiny_tokenizers.albert(SENTENCES[:10] * 3, vocab_size=90)
    yield "added-tokens", with_added_tokens()


SPECIAL = [
    "[CLS]", "<mask>", " <mask>", "<s>", "dog", "dogs", "hotdog", "New York", "new york", "  XX  ", "Ünder", "ünder", "a.b+c", "Σ", "ΑΣ ", "ς", "\u200d", "\u200c",
    "\u0085", "\ufeff", "\u00a0", "\t", "\r\n", "\n", "é", "e\u0301", "İ", "ﬁ", "①", "Ａ", "가", "각", "\u1100\u1161\u11a8", "👨\u200d👩\u200d👧", "🇩🇪", "😀", "\U00020731", "你好", "'s", "'LL",
    "123", "１２", "½", "²", "-", "--", "...", "▁", " ▁ ", "\u0000", "\ufffd", "ำ", "ज़ि", "$&", "^", "`", "a_b", "\u2028", "\u3000", "  ", "   ", "“", "—", "foo-bar", "don't",
]  # fmt: skip
CHARACTERS = [c for c in map(chr, [*range(0x20, 0x3100), *range(0x4E00, 0x4E40), *range(0xAC00, 0xAC40), *range(0xFB00, 0xFF00)]) if unicodedata.ucd_3_2_0.category(c) != "Cn"]


def make_texts(count):
    rng = random.Random(7)
    for _ in range(count):
        parts = []
        for _ in range(rng.randint(1, 9)):
            kind = rng.random()
            parts.append(rng.choice(SPECIAL) if kind < 0.5 else rng.choice(["Hello", "the", "x1", "CAFÉ", "a", "guitar"]) if kind < 0.75 else "".join(rng.choices(CHARACTERS, k=2)))
            if rng.random() < 0.5:
                parts.append(" ")
        yield "".join(parts)


def without_charsmap(value):
    """The character map has 316 kB and is that of the xlm-roberta tokenizer: the tests put it back."""
    if isinstance(value, dict):
        return {k: "xlm-roberta" if k == "precompiled_charsmap" else without_charsmap(v) for k, v in value.items()}
    return [without_charsmap(v) for v in value] if isinstance(value, list) else value


if __name__ == "__main__":
    texts = ["", " ", *make_texts(90)]
    rows = []
    for k, (name, tokenizer) in enumerate(make()):
        tokenizer.no_padding()
        tokenizer.no_truncation()
        description = json.loads(tokenizer.to_str())
        max_tokens = [12, 24, 1000][k % 3]
        tokenizer.enable_truncation(max_tokens)
        encodings = tokenizer.encode_batch(texts)
        rows.append({"name": name, "maxTokens": max_tokens, "ids": [e.ids for e in encodings], "typeIds": encodings[2].type_ids, "tokenizer": without_charsmap(description)})
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    print(f'{{"texts": {json.dumps(texts)},\n"tokenizers": [\n{lines}\n]}}')
