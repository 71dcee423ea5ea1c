"""Two readers in a real browser: labelling by keyboard, undoing, the other language, settling a disagreement, a phone."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import browser, needs_browser, phone
from conftest import Harness
from desk import serving

from harness.config import load_config
from harness.labels.people import person_labels
from harness.labels.records import Label
from harness.labels.store import LabelStore
from harness.review.server import labels_path

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> Harga\u200b \u202eexe.gpj "
    + "x" * 300
)

pytestmark = needs_browser


@pytest.fixture
def desk(project: Path, harness: Harness) -> Iterator[tuple[str, LabelStore]]:
    """A served review of eight items, all of them for two readers."""
    path = project / "half.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if "Entahlah" in row["completion"]:
            row["completion"] = f"<think>{HOSTILE}</think><output>{HOSTILE}</output>"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert harness(project, "run", "gold", "half", "--split", "dev").returncode == 0
    with serving(project, "gold", "half", "--items", "8", "--double", "1") as (_, url):
        yield url, LabelStore(labels_path(load_config(project / "harness.toml")))


class Hands:
    """Keys and clicks in a browser, each waited for."""

    def __init__(self, driver: Any, url: str) -> None:
        self.driver, self.url = driver, url

    def press(self, *keys: str) -> None:
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def until(self, true: Callable[[Any], Any]) -> Any:
        from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
        from selenium.webdriver.support.ui import WebDriverWait

        torn = (NoSuchElementException, StaleElementReferenceException)  # a page that is just being left
        return WebDriverWait(self.driver, 20, ignored_exceptions=torn).until(true)

    def leave(self, act: Callable[[], Any]) -> None:
        """Do what leads to another page, and wait for that page."""
        from selenium.webdriver.support.expected_conditions import staleness_of

        page = self.find("html")
        act()
        self.until(staleness_of(page))
        self.until(lambda driver: driver.execute_script("return document.readyState") == "complete")

    def go(self, *keys: str) -> None:
        """Press keys, the last of which leads to another page."""
        self.press(*keys[:-1])
        self.leave(lambda: self.press(keys[-1]))

    def click(self, selector: str) -> None:
        self.until(lambda driver: driver.find_element("css selector", selector).click() is None)

    def find(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def enter(self, name: str) -> None:
        self.driver.delete_all_cookies()
        self.driver.get(f"{self.url}?name={name}")
        self.find("input[value=person]").click()
        self.go("\ue007")
        assert "/guideline" in self.driver.current_url
        self.go("\ue007")

    @property
    def task(self) -> str:
        return str(self.find("#judgement input[name=task]").get_attribute("value"))

    def checked(self) -> dict[str, str]:
        found = self.driver.execute_script(
            "return Object.fromEntries(Array.from(document.querySelectorAll('#judgement :checked'), e => [e.name, e.value]))"
        )
        return {name: value for name, value in found.items() if value}


def distinct(store: LabelStore, **wanted: Any) -> list[Label]:
    """Labels by id, those of several candidates once."""
    found = {label.id: label for label in store.labels(undone=True)}
    return [label for label in found.values() if all(getattr(label, name) == value for name, value in wanted.items())]


def test_two_readers_by_keyboard(desk: tuple[str, LabelStore], tmp_path: Path) -> None:
    url, store = desk
    with browser(tmp_path / "profile") as driver:
        hands = Hands(driver, url)
        hands.enter("Sari")
        first = hands.task
        hands.press("a", "5", "4", "e", "3", "w", "0")
        assert hands.checked() == {"verdict": "correct", "politeness": "5", "clarity": "3"}
        hands.press("c", "bagus, asd 12", "\ue00c")
        assert hands.checked() == {"verdict": "correct", "politeness": "5", "clarity": "3"}
        hands.go("\ue007")
        assert "1 labelled" in hands.find(".progress").text
        second = hands.task
        hands.go("s", "\ue007")
        hands.go("z")
        assert hands.task == second
        assert hands.checked() == {"verdict": "incorrect"}
        hands.go("d", "\ue007")
        third = hands.task
        hands.go("a", "2", "2", "2", "\ue007")
        assert len({first, second, third}) == 3
        assert [label.verdict for label in distinct(store, undone=None)] == ["correct", "unsure", "correct"]
        (kept,) = [label for label in distinct(store) if str(label.task) == first]
        assert (kept.politeness, kept.conciseness, kept.clarity, kept.comment) == (5, None, 3, "bagus, asd 12")
        assert kept.seconds is not None
        assert kept.guideline == "1"
        assert [label.verdict for label in distinct(store) if label.undone] == ["incorrect"]

        assert hands.find("html").get_attribute("lang") == "en"
        hands.leave(hands.find("nav form button").click)
        assert hands.find("html").get_attribute("lang") == "id"
        assert "3 dinilai" in hands.find(".progress").text

        hands.enter("Budi")
        assert [hands.task] == [first]
        for verdict in ("s", "d", "a"):
            hands.go(verdict, "\ue007")
        driver.get(f"{url}adjudicate")
        assert hands.task == first
        assert [chip.text for chip in driver.find_elements("css selector", ".reading .chip")] == [
            "Correct",
            "Incorrect",
        ]
        assert "bagus, asd 12" in hands.find(".readings").text
        hands.go("s", "\ue007")
        assert "No disagreements are open" in hands.find("main").text
        settled = {str(label.item): label for label in person_labels(store)}
        item = kept.item
        assert (settled[item].verdict, settled[item].how, settled[item].readers) == ("incorrect", "adjudicated", 2)
        assert not [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]


def test_hostile_answers_on_a_phone(desk: tuple[str, LabelStore], tmp_path: Path) -> None:
    url, store = desk
    with browser(tmp_path / "profile") as driver:
        phone(driver)
        hands = Hands(driver, url)
        hands.enter("Sari")
        hostile = 0
        while driver.find_elements("css selector", "#judgement"):
            assert driver.execute_script("return document.documentElement.scrollWidth") <= 360
            details = driver.find_elements("css selector", "details.reasoning")
            assert not any(each.get_attribute("open") for each in details)
            if "owned" in hands.find(".answer").text:
                hostile += 1
                details[0].find_element("css selector", "summary").click()
                assert [mark.text for mark in driver.find_elements("css selector", ".answer > .text .unseen")] == [
                    "U+200B",
                    "U+202E",
                ]
                assert driver.find_elements("css selector", ".answer img, .answer script") == []
                assert driver.execute_script("return document.documentElement.scrollWidth") <= 360
            for target in driver.find_elements("css selector", ".choice, .points label, .actions button"):
                assert target.size["height"] >= 40
            assert driver.title == "Review"
            hands.find(".choice.correct").click()
            hands.go("\ue007")
        assert hostile == 4
        assert len(distinct(store, reviewer="Sari")) == 12
        assert not [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]


def test_without_script_a_label_is_still_given(desk: tuple[str, LabelStore], tmp_path: Path) -> None:
    url, store = desk
    with browser(tmp_path / "profile", script=False) as driver:
        hands = Hands(driver, url)
        driver.get(f"{url}?name=Sari")
        for selector in ("input[value=person]", "button.main", "a.main", ".choice.unsure", "#judgement button.main"):
            hands.click(selector)
        hands.until(lambda driver: "1 labelled" in hands.find(".progress").text)
    assert [label.verdict for label in distinct(store)] == ["unsure"]
