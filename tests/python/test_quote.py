"""smol quote: arithmetic on the figures of a plan, and what it refuses."""

import json
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests/data"))
from make_plan import make_plan

PRICES = {"as_of": "2026-11-01", "source": "test", "cents_per_core_hour": 3.6, "watts_per_core": 10}


@pytest.fixture
def plan(tmp_path):
    file = tmp_path / "plan.json"
    made = make_plan()
    file.write_text(json.dumps(made))
    (tmp_path / "prices.json").write_text(json.dumps(PRICES))
    chosen = next(c for c in made["planning"]["candidates"] if c["id"] == made["planning"]["chosen"])
    return file, chosen["throughput"]["measured"] or chosen["throughput"]["resource_model"]


def quotes(run_smol, plan, *flags):
    prices = plan.parent / "prices.json"
    done = run_smol("quote", plan, "--items", 7200, "--prices", prices, "--json", *flags)
    return json.loads(done.stdout)["quotes"]


def test_time_and_cost_follow_from_the_rate(run_smol, plan):
    file, rate = plan
    (here,) = quotes(run_smol, file)
    assert here["cores"] == 2 and here["items_per_s"]["value"] == pytest.approx(rate)
    assert here["seconds"]["value"] == pytest.approx(7200 / rate)
    assert here["cents"]["value"] == pytest.approx(7200 / rate * 2 * 3.6 / 3600)
    assert here["watt_hours"] == pytest.approx(7200 / rate * 2 * 10 / 3600)
    for figure in ("items_per_s", "seconds", "cents"):
        assert here[figure]["low"] < here[figure]["value"] < here[figure]["high"]


def test_twice_the_cores_are_twice_as_fast_and_cost_the_same(run_smol, plan):
    two, four = quotes(run_smol, plan[0], "--cores", "2,4")
    assert four["items_per_s"]["value"] == pytest.approx(2 * two["items_per_s"]["value"], rel=1e-6)
    assert four["cents"]["value"] == pytest.approx(two["cents"]["value"], rel=1e-6)
    assert four["measured"] is False


@pytest.mark.parametrize(
    ("prices", "words"),
    [
        ("nonsense", "not a JSON object"),
        ('{"as_of": "2026"}', "cents_per_core_hour"),
        ('{"as_of": "2026", "cents_per_core_hour": -1}', "cents_per_core_hour"),
        ('{"as_of": "2026", "cents_per_core_hour": 1, "cents": 2}', '"cents"'),
    ],
)
def test_bad_prices_are_one_line(run_smol, plan, tmp_path, prices, words):
    (tmp_path / "bad.json").write_text(prices)
    done = run_smol("quote", plan[0], "--prices", tmp_path / "bad.json", check=False)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1 and words in done.stderr.decode()


def test_a_plan_without_planning_is_refused(run_smol, model, pictures, tmp_path):
    run_smol("run", pictures, "--model", model, "-o", tmp_path / "out", "--limit", 3)
    done = run_smol("quote", tmp_path / "out" / "plan.json", check=False)
    assert done.returncode == 2 and b"smol plan" in done.stderr and done.stderr.count(b"\n") == 1
