"""`smol report`: the page in a real browser (Debian's Chromium, headless), and what is refused."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT, save_pictures

sys.path.insert(0, str(ROOT / "tests/data"))
from make_plan import make_plan

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&\"'\u2028${7*7}{{7*7}}"


class Browser:
    """tests/tools/browser.mjs as methods: browser.press(key="Tab")."""

    def __init__(self, chromium):
        self.process = subprocess.Popen(
            ["node", str(ROOT / "tests/tools/browser.mjs"), chromium],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __getattr__(self, command):
        def call(**fields):
            self.process.stdin.write(json.dumps({"command": command, **fields}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
            assert line, f"the browser ended at {command}"
            answer = json.loads(line)
            assert "error" not in answer, answer["error"]
            return answer["ok"]

        return call


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    assert chromium, "Debian's chromium is missing: tools/dev/setup.sh test"
    running = Browser(chromium)
    yield running
    running.close()
    assert running.process.wait(timeout=30) == 0


@pytest.fixture(scope="module")
def page_of(run_smol, tmp_path_factory):
    """Writes a plan and its page; returns the page's path."""

    def make(plan, *sources, folder=None):
        folder = folder or tmp_path_factory.mktemp("report")
        (folder / "plan.json").write_text(json.dumps(plan))
        run_smol("report", folder / "plan.json", *sources, "-o", folder / "report.html")
        return folder / "report.html"

    return make


@pytest.fixture(scope="module")
def plan():
    return make_plan()


@pytest.fixture(scope="module")
def page(page_of, plan):
    return page_of(plan)


def text_of(browser, selector):
    return browser.evaluate(script=f"document.querySelector({json.dumps(selector)}).textContent")


def count_of(browser, selector):
    return browser.evaluate(script=f"document.querySelectorAll({json.dumps(selector)}).length")


def choice_in(browser):
    """What the text and the mark in the chart say; they must agree."""
    in_text = browser.evaluate(script="document.getElementById('verdict').dataset.chosen")
    in_chart = browser.evaluate(script="document.querySelector('.overlay').dataset.chosen")
    assert in_text == in_chart
    return in_text


def speed(candidate):
    return candidate["throughput"]["measured"] or candidate["throughput"]["resource_model"]


def twin_of_choice(plan, kind, value):
    """The planner's rule, written down once more."""
    planning = plan["planning"]
    meets = {
        "max_loss": lambda c: c["loss_upper"] <= value,
        "min_accuracy": lambda c: c["accuracy_low"] >= value,
        "min_throughput": lambda c: speed(c) >= value,
        "max_cost": lambda c: c["cents_per_million"] <= value,
        "max_latency": lambda c: c["latency_ms"] <= value,
    }[kind]
    allowed = [c for c in planning["candidates"] if meets(c)]
    if not allowed:
        return planning["calibration"]["reference"] if kind == "max_loss" else ""
    if kind in ("min_throughput", "max_cost", "max_latency"):
        return max(allowed, key=lambda c: (c["accuracy"], speed(c)))["id"]
    return max(allowed, key=lambda c: (speed(c), c["accuracy"]))["id"]


def test_renders_without_error_and_without_a_request(browser, page, plan):
    browser.open(path=str(page))
    assert browser.problems() == []
    for name in ("choice", "stages", "models", "candidates", "machine"):
        assert count_of(browser, f"section#{name}") == 1, name
    assert count_of(browser, "section#choice figure svg") == 2  # the candidates, and the choice over them
    assert count_of(browser, "section#stages svg") == 1
    assert count_of(browser, "table.candidates tbody tr") == len(plan["planning"]["candidates"])
    assert choice_in(browser) == plan["planning"]["chosen"]
    html = page.read_text()
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", html)


@pytest.mark.parametrize("kind", ["max_loss", "min_accuracy", "min_throughput", "max_cost", "max_latency"])
def test_slider_chooses_as_the_rule_does(browser, page, plan, kind):
    browser.open(path=str(page))
    browser.click(selector=f"label[for=kind-{kind}]")
    low, high = browser.evaluate(script="[Number(constraint.min), Number(constraint.max)]")
    scale = 100 if kind in ("max_loss", "min_accuracy") else 1
    seen = set()
    for step in range(14):
        # As if the slider was dragged there; it snaps to its own steps.
        value = browser.evaluate(
            script=f"""(() => {{
              const slider = document.getElementById('constraint');
              slider.value = {low + (high - low) * step / 13};
              slider.dispatchEvent(new Event('input', {{bubbles: true}}));
              return Number(slider.value);
            }})()"""
        )
        chosen = choice_in(browser)
        assert chosen == twin_of_choice(plan, kind, value / scale), value
        assert (f"{chosen} " in text_of(browser, "#verdict")) if chosen else "No plan" in text_of(browser, "#verdict")
        seen.add(chosen)
    assert len(seen) > 1
    assert browser.problems() == []


def test_a_loss_that_no_plan_can_promise_gives_the_reference(browser, page_of):
    plan = make_plan()
    for candidate in plan["planning"]["candidates"]:
        candidate["loss_upper"] += 0.05
    plan["planning"]["chosen"] = "c0"
    browser.open(path=str(page_of(plan)))
    assert choice_in(browser) == "c0"
    assert "so the reference itself runs" in text_of(browser, "#verdict")


def test_errors_are_better_when_they_are_small(browser, page_of):
    plan = make_plan()
    planning = plan["planning"]
    planning["calibration"]["metric"] = "mae"
    for candidate in planning["candidates"]:
        low, high = candidate["accuracy_low"], candidate["accuracy_high"]
        candidate["accuracy"] = 3 - candidate["accuracy"]
        candidate["accuracy_low"], candidate["accuracy_high"] = 3 - high, 3 - low
    browser.open(path=str(page_of(plan)))
    assert choice_in(browser) == planning["chosen"]
    browser.click(selector="label[for=kind-min_accuracy]")
    assert "error is at most" in text_of(browser, ".question")
    for limit in (2.3, 2.35, 2.4, 2.5):
        browser.fill(selector="#constraint-exact", text=str(limit))
        allowed = [c for c in planning["candidates"] if c["accuracy_high"] <= limit]
        assert choice_in(browser) == (max(allowed, key=speed)["id"] if allowed else "")
    assert browser.problems() == []


def test_keyboard_alone_is_enough(browser, page):
    browser.open(path=str(page))
    seen = []
    for _ in range(40):
        browser.press(key="Tab")
        seen.append(
            browser.evaluate(
                script="""(() => {
                  const {id, className, textContent} = document.activeElement;
                  const style = getComputedStyle(document.activeElement);
                  return {id, className, text: textContent.slice(0, 40), outline: style.outlineStyle};
                })()"""
            )
        )
    assert seen[0]["text"] == "Skip to the content"
    assert all(entry["outline"] != "none" for entry in seen), "a focused element shows no focus"
    assert {"theme", "constraint", "constraint-exact", "filter", "only"} <= {entry["id"] for entry in seen}
    assert any(entry["text"].startswith("Items/s") for entry in seen)
    # The slider by arrow keys, the header by Enter, a plan by Space.
    browser.focus(selector="#constraint")
    before = choice_in(browser)
    browser.press(key="End")
    assert choice_in(browser) != before
    browser.focus(selector="th[data-key=speed] button")
    browser.press(key="Enter")
    assert browser.evaluate(script="document.querySelector('th[data-key=speed]').ariaSort") == "descending"
    browser.press(key="Enter")
    assert browser.evaluate(script="document.querySelector('th[data-key=speed]').ariaSort") == "ascending"
    browser.focus(selector="tr[data-id=c3] .pick")
    browser.press(key="Space")
    assert browser.evaluate(script="document.activeElement.ariaPressed") == "true"
    assert "c3, " in text_of(browser, "#stages figcaption")


def test_table_sorts_and_filters(browser, page, plan):
    browser.open(path=str(page))
    candidates = plan["planning"]["candidates"]
    browser.click(selector="th[data-key=speed] button")
    ids = browser.evaluate(
        script="[...document.querySelectorAll('table.candidates tbody tr')].map((row) => row.dataset.id)"
    )
    assert ids == [c["id"] for c in sorted(candidates, key=speed, reverse=True)]
    browser.fill(selector="#filter", text="lite1 thumb161")
    shown = {c["id"] for c in candidates if c["model"].endswith("lite1") and c["rendition"] == "thumb161"}
    ids = browser.evaluate(
        script="[...document.querySelectorAll('table.candidates tbody tr')].map((row) => row.dataset.id)"
    )
    assert shown <= set(ids) < {c["id"] for c in candidates}


CONTRAST = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parsed = new Map();
  const parse = (text) => {
    if (!parsed.has(text)) {
      canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
      parsed.set(text, [...canvas.getImageData(0, 0, 1, 1).data]);
    }
    return parsed.get(text);
  };
  const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const backgroundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] > 250) return colour;
    }
    return parse(getComputedStyle(document.documentElement).backgroundColor);
  };
  const low = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const ownText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!ownText || !element.checkVisibility() || ['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const isSvg = element instanceof SVGElement;
    const colour = parse(isSvg && style.fill !== 'none' ? style.fill : style.color);
    const [a, b] = [luminance(colour), luminance(backgroundOf(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) low.add(`${element.tagName}.${element.className.baseVal ?? element.className} ${ratio.toFixed(2)} ${element.textContent.slice(0, 30)}`);
  }
  return [...low];
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa(browser, page, scheme):
    browser.open(path=str(page), scheme=scheme)
    paper = browser.evaluate(script="getComputedStyle(document.documentElement).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    assert browser.evaluate(script=CONTRAST) == []
    browser.click(selector="#theme")
    assert browser.evaluate(script="getComputedStyle(document.documentElement).backgroundColor") != paper
    assert browser.evaluate(script=CONTRAST) == []


@pytest.mark.parametrize("width", [340, 800])
def test_narrow_pages_do_not_scroll_sideways(browser, page, width):
    browser.open(path=str(page), width=width)
    assert browser.evaluate(script="document.documentElement.scrollWidth") <= width
    browser.resize(width=600)
    assert browser.evaluate(script="document.documentElement.scrollWidth") <= 600


def test_charts_have_names_and_texts(browser, page):
    browser.open(path=str(page))
    unnamed = "[...document.querySelectorAll('figure svg:not([aria-hidden])')].filter((svg) => !svg.ariaLabel).length"
    assert browser.evaluate(script=unnamed) == 0
    assert count_of(browser, "#choice details table tbody tr") > 3
    assert count_of(browser, "#stages details table tbody tr") == 5


def test_prints(browser, page, tmp_path):
    browser.open(path=str(page), scheme="dark")
    browser.pdf(path=str(tmp_path / "report.pdf"))
    pdf = (tmp_path / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert 1 < pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") < 12
    assert len(pdf) > 20_000


def test_hostile_names_stay_text(browser, page_of, tmp_path):
    plan = make_plan()
    planning = plan["planning"]
    for candidate in planning["candidates"]:
        for key in ("model", "rendition", "reason", "bound_by", "cut", "backend"):
            candidate[key] = HOSTILE
    planning["machine"]["cpu"] = HOSTILE
    planning["versions"] = {HOSTILE: HOSTILE}
    planning["made_at"] = HOSTILE
    planning["examples"] = [{"id": HOSTILE, "image": "/nowhere", "label": HOSTILE, "predictions": {"c0": HOSTILE}}]
    page = page_of(plan)
    browser.open(path=str(page))
    assert browser.problems() == []
    assert count_of(browser, "script") == 3  # the document, the notices, the page's own
    assert count_of(browser, "img") == 0
    assert HOSTILE in text_of(browser, "h1")
    assert HOSTILE in text_of(browser, "#candidates tbody .reason")
    assert HOSTILE in text_of(browser, "#examples dd")
    assert HOSTILE in browser.evaluate(script="document.title")
    browser.fill(selector="#filter", text="<img")
    browser.click(selector="tr[data-id=c3] .pick")
    assert browser.problems() == []


def test_two_thousand_candidates_remain_usable(browser, page_of):
    plan = make_plan(2000, seed=5)
    page = page_of(plan)
    browser.open(path=str(page))
    assert choice_in(browser) == plan["planning"]["chosen"]
    assert count_of(browser, "table.candidates tbody tr") == 100
    browser.click(selector=".filters .quiet")
    assert count_of(browser, "table.candidates tbody tr") == 2000
    for value in (0.5, 2, 7):
        browser.fill(selector="#constraint-exact", text=str(value))
        assert choice_in(browser) == twin_of_choice(plan, "max_loss", value / 100)
    assert browser.problems() == []


def test_examples_are_small_pictures_with_alternatives(browser, page_of, tmp_path):
    save_pictures(tmp_path / "in", 2, sizes=((900, 1200), (640, 480)))
    plan = make_plan()
    plan["planning"]["examples"] = [
        {"id": "first", "image": "in/0000.jpg", "label": "cat", "predictions": {"c0": "cat", "c6": "dog"}},
        {"id": "second", "image": str(tmp_path / "in/0001.jpg"), "label": "dog", "predictions": {"c0": "dog"}},
        {"id": "gone", "image": "in/none.jpg", "label": "", "predictions": {}},
    ]
    browser.open(path=str(page_of(plan, folder=tmp_path)))
    sizes = browser.evaluate(
        script="[...document.querySelectorAll('#examples img')].map((p) => [p.naturalWidth, p.naturalHeight, p.alt])"
    )
    assert sizes == [[240, 180, "Picture first, labelled cat"], [180, 240, "Picture second, labelled dog"]]
    assert "no picture" in text_of(browser, "#examples li:nth-child(3)")
    assert count_of(browser, "#examples .right") == 2
    assert count_of(browser, "#examples .wrong") == 1
    assert browser.problems() == []
    assert (tmp_path / "report.html").stat().st_size < 500_000


def test_of_a_run(browser, run_smol, model, pictures, page_of, tmp_path):
    broken = tmp_path / "in"
    shutil.copytree(pictures, broken)
    (broken / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    run_smol("run", broken, "--model", model, "-o", tmp_path / "out")
    run_smol("report", tmp_path / "out", "-o", tmp_path / "report.html")
    browser.open(path=str(tmp_path / "report.html"))
    assert browser.problems() == []
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert "61" in text_of(browser, "#run")
    for code in report["failed_by_code"]:
        assert code in text_of(browser, "#run table")
    assert count_of(browser, "#stages svg") == 1
    assert count_of(browser, "#choice") == 0
    # With what a planner found for the same plan: measured beside predicted. Of another plan, it is refused.
    plan = json.loads((tmp_path / "out/plan.json").read_text()) | {"planning": make_plan()["planning"]}
    browser.open(path=str(page_of(plan, tmp_path / "out")))
    assert browser.problems() == []
    assert count_of(browser, "#stages .legend li") == 2
    (tmp_path / "other.json").write_text(json.dumps(make_plan()))
    done = run_smol("report", tmp_path / "out", tmp_path / "other.json", "-o", tmp_path / "both.html", check=False)
    assert done.returncode == 2
    assert "is plan" in done.stderr.decode()


def refused(run_smol, tmp_path, change):
    plan = make_plan()
    change(plan)
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    done = run_smol("report", tmp_path / "plan.json", "-o", tmp_path / "report.html", check=False)
    assert done.returncode == 2
    assert not (tmp_path / "report.html").exists()
    message = done.stderr.decode()
    assert message.count("\n") == 1 and "plan.json" in message
    return message


@pytest.mark.parametrize(
    "path, value, names",
    [
        (("smol_plan",), 3, "version"),
        (("planning", "candidates"), [], "candidates"),
        (("planning", "candidates", 3, "accuracy_low"), 0.99, "candidates[3]"),
        (("planning", "candidates", 3, "accuracy"), "high", "candidates[3].accuracy"),
        (("planning", "candidates", 3, "id"), "c4", "candidates[4].id"),
        (("planning", "candidates", 3, "surprise"), 1, "surprise"),
        (("planning", "candidates", 3, "throughput"), {}, "candidates[3].throughput"),
        (("planning", "candidates", 3, "throughput", "measured"), 0, "candidates[3].throughput"),
        (("planning", "candidates", 3, "throughput", "measured"), -1, "measured"),
        (("planning", "candidates", 3, "demand", "decode_s"), "slow", "decode_s"),
        (("planning", "candidates", 3, "status"), "good", "status"),
        (("planning", "candidates", 3, "beaten_by"), "c99", "beaten_by"),
        (("planning", "chosen"), "c99", "chosen"),
        (("planning", "constraint", "kind"), "cheap", "kind"),
        (("planning", "calibration", "reference"), "c99", "reference"),
        (("planning", "examples"), [{"image": 3}], "examples[0]"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_nonsense_is_refused_in_one_line(run_smol, tmp_path, path, value, names):
    def change(plan):
        target = plan
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = value

    assert names in refused(run_smol, tmp_path, change)


@pytest.mark.parametrize(
    "text", ["", "[1]", "{", "[" * 100_000, '{"smol_plan":2,"planning":' + '{"a":' * 5000 + "1" + "}" * 5000]
)
def test_what_is_no_plan_is_refused_in_one_line(run_smol, tmp_path, text):
    (tmp_path / "plan.json").write_text(text)
    done = run_smol("report", tmp_path / "plan.json", "-o", tmp_path / "report.html", check=False)
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1


def test_optional_parts_may_be_missing(browser, page_of):
    plan = make_plan()
    planning = plan["planning"]
    for key in ("made_at", "chosen", "examples"):
        del planning[key]
    planning["calibration"]["reference"] = None
    for candidate in planning["candidates"]:
        candidate["throughput"]["measured"] = None
    browser.open(path=str(page_of(plan)))
    assert browser.problems() == []
    assert choice_in(browser)
    assert count_of(browser, "#models") == 0


def test_places_that_are_no_run_are_refused(run_smol, tmp_path):
    for source, words in ((tmp_path / "none", "no such file"), (tmp_path, "not a run directory")):
        done = run_smol("report", source, "-o", tmp_path / "report.html", check=False)
        assert done.returncode == 2
        assert words in done.stderr.decode()
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(make_plan()))
    without = make_plan()
    del without["planning"]
    (tmp_path / "without.json").write_text(json.dumps(without))
    done = run_smol("report", tmp_path / "without.json", "-o", tmp_path / "report.html", check=False)
    assert done.returncode == 2
    assert "`planning`" in done.stderr.decode()
    assert run_smol("report", plan, "-o", tmp_path, check=False).returncode == 2
    assert run_smol("report", plan, plan, "-o", tmp_path / "r.html", check=False).returncode == 2
    assert run_smol("report", plan, "-o", tmp_path / "no/such/folder/r.html", check=False).returncode == 1
