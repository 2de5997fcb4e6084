"""PASCAL VOC: one XML file for each picture (Everingham et al., "The PASCAL VOC Challenge", IJCV 2010)."""

from pathlib import Path
from xml.etree import ElementTree

from edgevision.errors import DataError
from edgevision.evaluate.dataset import IMAGES, Dataset, Example, find_image, objects


def fits(path: Path) -> bool:
    return path.is_dir() and bool(list(_annotations(path).glob("*.xml")))


def read(path: Path, images: Path | None) -> Dataset:
    names: dict[str, int] = {}  # in the order of their first appearance, as nothing lists them
    folder = _annotations(path)
    folders = [images] if images else [path / "JPEGImages", path / "images", folder, path]
    examples = [_example(file, folders, names) for file in sorted(folder.glob("*.xml"))]
    return Dataset("VOC's XML", list(names), examples)


def _annotations(path: Path) -> Path:
    return path / "Annotations" if (path / "Annotations").is_dir() else path


def _example(file: Path, folders: list[Path], names: dict[str, int]) -> Example:
    content = file.read_bytes()
    if b"<!ENTITY" in content:  # a few hundred bytes of them can unfold to gigabytes
        raise DataError(f"{file} defines entities, which no annotation needs: it is not read")
    try:
        root = ElementTree.fromstring(content)
        # The challenge itself counts pixels from 1; tools that write its form count from 0.
        first = 1.0 if (root.findtext("source/annotation") or "").startswith("PASCAL VOC") else 0.0
        found = root.findall("object")
        boxes, crowd, classes = [], [], []
        for each in found:
            sides = [float(each.findtext(f"bndbox/{side}", "")) for side in ("xmin", "ymin", "xmax", "ymax")]
            boxes.append([sides[0] - first, sides[1] - first, sides[2], sides[3]])
            crowd.append((each.findtext("difficult") or "0").strip() == "1")
            name = (each.findtext("name") or "").strip()
            if not name:
                raise ValueError("an object has no name")
            classes.append(names.setdefault(name, len(names)))
        return Example(_image(file, root, folders), objects(boxes, classes, crowd))
    except (ElementTree.ParseError, ValueError) as error:
        raise DataError(
            f"{file} is not VOC's XML: {error}; each object needs name and bndbox with xmin, ymin, xmax, ymax"
        ) from None


def _image(file: Path, root: ElementTree.Element, folders: list[Path]) -> Path:
    """By the name in the file, or else by the file's own: tools name pictures that were converted since."""
    name = Path((root.findtext("filename") or "").strip().replace("\\", "/")).name
    own = [file.stem + suffix for suffix in IMAGES]
    for folder in folders:
        for each in (name, *own):
            if each and (folder / each).is_file():
                return folder / each
    return find_image(folders, name or own[0], file)
