"""Entries of documents that are wrong."""

import pytest


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            "{file: a.txt, text: [a]}",
            ".text: stands beside file; expected one of them, two entries for both",
        ),
        (
            "{text: [a], split: line}",
            ".split: only a text file is split, and only hf has splits; expected it to be left out",
        ),
        ("{text: []}", ".text: is empty; expected a list of texts"),
        ("{text: The cat sat.}", ".text: is text (“The cat sat.”); expected a list of texts"),
        (
            "{title: a}",
            ": has no documents; expected file, hf, parquet, jsonl, text, scores, prompts,"
            " messages, translate, images, videos or audio",
        ),
        ("{file: folder}", ".file: the folder “folder” holds no files; expected texts or tables"),
        ("{file: empty.txt}", ".file: “empty.txt” is empty; expected text"),
        (
            "{file: 3}",
            ".file: is a number (3); expected the path of a text file or table, a folder of them,"
            " or a pattern such as texts/*.txt",
        ),
        (
            "a.txt",
            ": is text (“a.txt”); expected a mapping of file, hf, subset, revision, parquet, "
            "jsonl, sample, seed, split, column, "
            "text_column, pair_column, title_column, labels, token_labels, text, scores, "
            "prompts, template, messages, translate, images, videos, audio, add_special_tokens, "
            "generate, max_bytes, "
            "max_pixels, title, source and licence",
        ),
        (
            "{scores: {text_path: a.txt, score_path: a.txt}}",
            ".scores: is a mapping; expected a list of mappings",
        ),
        (
            "{scores: [{text_path: a.txt}]}",
            ".scores[0].score_path: is missing; expected the path"
            " of a file with a score on each line, or a list of them",
        ),
        (
            "{scores: [{text_path: empty.txt, score_path: a.txt}]}",
            ".scores[0].text_path: “empty.txt” is empty; expected text",
        ),
        (
            "{scores: [{text_path: 'a.*', score_path: a.txt}]}",
            ".scores[0].text_path: “a.*” names 2 files; expected one, with a token on each line",
        ),
        (
            "{scores: [{text_path: a.txt, score_path: [a.txt, nope.txt]}]}",
            ".scores[0].score_path: no file is named “nope.txt”; expected a path or pattern"
            " relative to {base}",
        ),
        (
            "{scores: [{text_path: a.txt, score_path: a.txt, alpha: .nan}]}",
            ".scores[0].alpha: nan is out of range; expected a number",
        ),
        (
            "{scores: [{text_path: a.txt, score_path: a.txt, between: tab}]}",
            ".scores[0].between: “tab” is none of its values; expected space or nothing",
        ),
        (
            "{scores: [{text_path: a.txt, score_path: a.txt}], text: [b]}",
            ".scores: stands beside text; expected one of them, two entries for both",
        ),
        (
            "{text: [a], prompts: [b]}",
            ".prompts: stands beside text; expected one of them, two entries for both",
        ),
        (
            "{file: a.csv, split: line}",
            ".split: only a text file is split, and only hf has splits; expected it to be left out",
        ),
        (
            "{file: a.txt, labels: [a]}",
            ".labels: only a table (.jsonl, .ndjson, .json, .csv, .tsv, .parquet) has columns; "
            "expected it to be left out",
        ),
        ("{file: a.csv, labels: [a, a]}", ".labels: names a twice; expected each once"),
        (
            "{text: [a], generate: {}}",
            ".generate: only what follows prompts, and what translate, images and audio leave out,"
            " is generated; expected it to be left out",
        ),
        (
            "{text: [a], template: 'Say {prompt}'}",
            ".template: only prompts are put into a template; expected it to be left out",
        ),
        (
            "{prompts: [a], template: Say it}",
            ".template: “Say it” has {{prompt}} 0 times; expected it once, where the prompt stands",
        ),
        (
            "{prompts: [a], generate: {seed: 1}}",
            ".generate.seed: only what is drawn has a seed; expected a temperature beside it",
        ),
        (
            "{prompts: [a], generate: {temperature: -1}}",
            ".generate.temperature: -1 is out of range; expected a number of at least 0",
        ),
        (
            "{prompts: [a], generate: {max_new_tokens: 0}}",
            ".generate.max_new_tokens: 0 is out of range; expected a whole number of at least 1",
        ),
        (
            "{images: folder}",
            ".images: no file is named “folder”; expected a path or pattern relative to {base}",
        ),
        (
            "{images: [a.txt, '*.png']}",
            ".images: no file is named “*.png”; expected a path or pattern relative to {base}",
        ),
        (
            "{images: []}",
            ".images: is empty; expected a pattern such as photos/*.jpg, or a list of them",
        ),
        (
            "{images: 3}",
            ".images: is a number (3); expected a pattern such as photos/*.jpg, or a list of them",
        ),
        (
            "{prompts: [3]}",
            ".prompts[0]: is a number (3); expected text or a mapping of text and title",
        ),
        (
            "{translate: [a]}",
            ".translate[0]: is text (“a”); expected a mapping of source, target, source_lang,"
            " target_lang and title",
        ),
        (
            "{file: a.txt, split: lines}",
            ".split: “lines” is none of its values; expected paragraph, line or none; did you mean"
            " line?",
        ),
        (
            "{parquet: a.parquet}",
            ".parquet: there is no file “a.parquet”; expected a path relative to {base}",
        ),
        (
            "{jsonl: 3}",
            ".jsonl: is a number (3); expected a path, a pattern such as rows/*.parquet or an"
            " address such as s3://bucket/rows-*, or a list of them",
        ),
        ("{jsonl: empty.txt}", ".jsonl: “empty.txt” is empty; expected text"),
        (
            "{jsonl: a.txt, seed: 1}",
            ".seed: only what is drawn has a seed; expected a sample beside it",
        ),
        (
            "{jsonl: a.txt, column: a, text_column: b}",
            ".column: stands beside text_column; expected one of them: they are the same",
        ),
        (
            "{file: a.csv, sample: 5}",
            ".sample: only rows of hf, parquet, jsonl are sampled; expected it to be left out",
        ),
        (
            "{jsonl: a.txt, sample: 0}",
            ".sample: 0 is out of range; expected a whole number of at least 1",
        ),
        (
            "{jsonl: a.txt, subset: b}",
            ".subset: only a data set of hf has it; expected it to be left out",
        ),
        (
            "{hf: a.txt}",
            ".hf: “a.txt” is a file; expected the folder that holds it, or file, parquet or jsonl"
            " in place of hf",
        ),
        (
            "{hf: ../none/of/these}",
            ".hf: there is no folder “../none/of/these”; expected one that holds a data set,"
            " relative to this file, or a hub id such as owner/name",
        ),
        ("{translate: [{target: b}]}", ".translate[0].source: is missing; expected text"),
    ],
)
def test_a_wrong_document(problems, tmp_path, document, message):
    for name in ("a.txt", "a.csv"):
        (tmp_path / name).write_text("a")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "folder").mkdir()
    messages = problems(f"models: [{{source: m}}]\ndocuments:\n  - {document}\n")
    assert messages == [f"corpus.yaml:3: documents[0]{message.format(base=tmp_path)}"]


def test_a_file_name_the_system_refuses(problems):
    (message,) = problems(f"models: [{{source: m}}]\ndocuments:\n  - file: {'x' * 5000}\n")
    assert "cannot be looked up (File name too long)" in message
    assert len(message) < 300
