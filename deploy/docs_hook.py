"""Lets pages of docs/ link to files beside it, such as ../configs/demo.yaml: the site gets a copy of each."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
OUTSIDE = re.compile(r"\[([^]]*)\]\(\.\./([^)#]+)(#[^)]*)?\)")
COPIES = "files"  # folder of the site


def on_files(files: Files, config: MkDocsConfig) -> Files:
    pages = (Path(file.abs_src_path).read_text() for file in files.documentation_pages() if file.abs_src_path)
    linked = {path for page in pages for _, path, _ in OUTSIDE.findall(page)}
    for path in sorted(linked):
        if (ROOT / path).is_file():
            files.append(File.generated(config, f"{COPIES}/{path}.txt", content=(ROOT / path).read_bytes()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A folder has no page: of a link to it the text remains."""

    def replace(found: re.Match[str]) -> str:
        text, path, _ = found.groups()
        return f"[{text}]({COPIES}/{path}.txt)" if (ROOT / path).is_file() else text

    return OUTSIDE.sub(replace, markdown)
