"""The kernel of the browser against the model of the server, in every cell, in Chromium."""

import base64
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from budget_model.coverage.allocation import baseline_totals, spread_totals
from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.kernel import pack_kernel
from budget_model.coverage.overlap import OVERLAPS
from budget_model.coverage.response import CURVES
from budget_model.coverage.scenario import evaluate, simulate
from tests.model_builders import random_allocation, random_model

pytestmark = pytest.mark.browser
KERNEL = Path(__file__).resolve().parents[2] / "assets" / "kernel.js"
AGREEMENT = 1e-12  # the bar is 1e-6

HELPERS = """
window.bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer;
window.floats = text => new Float64Array(bytes(text));
window.text = values => btoa(Array.from(new Uint8Array(values.buffer.slice(
    values.byteOffset, values.byteOffset + values.byteLength)), c => String.fromCharCode(c)).join(""));
"""


@pytest.fixture
def kernel_page(page):
    page.set_content("<!doctype html><title>kernel</title>")
    page.add_script_tag(path=str(KERNEL))
    page.add_script_tag(content=HELPERS)
    return page


def encoded(content):
    return base64.b64encode(
        content if isinstance(content, bytes) else np.ascontiguousarray(content, "<f8").tobytes()
    ).decode()


def decoded(text, shape):
    return np.frombuffer(base64.b64decode(text), "<f8").reshape(shape)


def load(page, calibrated):
    page.evaluate("packed => { window.model = budgetKernel.parse(bytes(packed)); }", encoded(pack_kernel(calibrated)))


def browser_coverage(page, allocation, shape):
    return decoded(page.evaluate("packed => text(model.evaluate(floats(packed)))", encoded(allocation)), shape)


def assert_same_cells(found, expected):
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    assert np.nanmax(np.abs(found - expected), initial=0) <= AGREEMENT


@pytest.mark.parametrize("overlap", OVERLAPS)
@pytest.mark.parametrize("curve", CURVES)
def test_both_kernels_agree_for_each_curve_and_overlap(kernel_page, curve, overlap):
    model = random_model(17, programmes=6, needs=5, areas=4, link_share=0.8)
    links = dataclasses.replace(model.links, response=(curve,) * len(model.links.need))
    calibrated = calibrate(dataclasses.replace(model, links=links, overlap=(overlap,) * len(model.needs)))
    assert calibrated.inconsistent.any(), "the case must hold cells whose records exceed the survey"
    load(kernel_page, calibrated)
    for seed in range(5):
        allocation = random_allocation(seed, model)
        found = browser_coverage(kernel_page, allocation, model.universe.shape)
        assert_same_cells(found, evaluate(calibrated, allocation))


def test_both_kernels_agree_over_random_models(kernel_page):
    seen = {"zero universe": False, "capacity": False, "inconsistent": False}
    for seed in range(60):
        model = random_model(seed, 1 + seed % 8, 1 + seed % 6, 1 + seed % 5, 1 + seed % 3, (0.1, 0.5, 1)[seed % 3])
        calibrated = calibrate(model)
        load(kernel_page, calibrated)
        for draw in range(3):
            allocation = random_allocation(draw, model)
            result = simulate(calibrated, allocation)
            assert_same_cells(browser_coverage(kernel_page, allocation, model.universe.shape), result.coverage)
            seen["capacity"] |= bool((result.beyond_capacity > 0).any())
        seen["zero universe"] |= bool((model.universe == 0).any())
        seen["inconsistent"] |= bool(calibrated.inconsistent.any())
    assert all(seen.values()), seen


def test_the_summary_equals_the_servers_totals(kernel_page):
    for seed in range(10):
        model = random_model(seed, areas=4, groups=2 + seed % 2)
        calibrated = calibrate(model)
        allocation = random_allocation(seed + 1, model)
        expected = simulate(calibrated, allocation)
        load(kernel_page, calibrated)
        browser_coverage(kernel_page, allocation, model.universe.shape)
        found = kernel_page.evaluate(
            """() => { const s = model.summary(); const plain = part => Object.fromEntries(
                Object.entries(part).map(([name, values]) => [name, Array.from(values)]));
              return {needs: plain(s.needGroup), groups: plain(s.group), gap: Array.from(s.gapPp),
                gapBaseline: Array.from(s.gapPpBaseline), uncovered: text(s.uncovered),
                areas: Array.from(s.areaUncovered), gained: s.gained, lost: s.lost, spent: s.spent}; }"""
        )
        names = {"covered": "covered", "coveredBaseline": "covered_baseline", "coverage": "coverage",
                 "coverageBaseline": "coverage_baseline", "gained": "gained", "lost": "lost"}  # fmt: skip
        for there, here in names.items():
            close(found["needs"][there], getattr(expected.needs, here))
            close(found["groups"][there], getattr(expected.groups, here))
        close(found["groups"]["weightedCoverage"], expected.groups.weighted_coverage)
        close(found["gap"], expected.needs.gap_pp)
        close(found["gapBaseline"], expected.needs.gap_pp_baseline)
        close(decoded(found["uncovered"], model.universe.shape), expected.uncovered)
        close(found["areas"], np.nansum(expected.uncovered, axis=0))
        close(found["gained"], expected.groups.gained.sum())
        close(found["lost"], expected.groups.lost.sum())
        close(found["spent"], expected.spent)


def close(found, expected):
    expected = np.asarray(expected, dtype=float)
    found = np.array([np.nan if value is None else value for value in np.ravel(found)], dtype=float)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=1e-10, atol=1e-8)


def test_a_moved_slider_gives_the_same_as_a_fresh_start(kernel_page):
    model = random_model(23, programmes=8, needs=6, areas=5)
    calibrated = calibrate(model)
    load(kernel_page, calibrated)
    random = np.random.default_rng(0)
    allocation = model.baseline.copy()
    for _ in range(30):
        allocation[random.integers(8)] = random.uniform(0, 300_000, 5)
        moved = browser_coverage(kernel_page, allocation, model.universe.shape)
    load(kernel_page, calibrated)
    np.testing.assert_array_equal(browser_coverage(kernel_page, allocation, model.universe.shape), moved)


def test_totals_are_spread_over_areas_as_the_server_does(kernel_page):
    model = random_model(29, programmes=9, areas=4)
    load(kernel_page, calibrate(model))
    for factor in (1.0, 0.3, 2.5):
        totals = baseline_totals(model) * factor + (0 if factor == 1 else 500)
        found = kernel_page.evaluate("packed => text(model.spread(floats(packed)))", encoded(totals))
        np.testing.assert_array_equal(decoded(found, model.baseline.shape), spread_totals(model, totals))


def test_at_the_baseline_nobody_gains_or_loses(kernel_page):
    model = random_model(31, programmes=9, areas=4)
    load(kernel_page, calibrate(model))
    found = kernel_page.evaluate(
        """() => { model.evaluate(model.spread(model.baselineTotal));
          const sums = model.summary(); return [sums.gained, sums.lost]; }"""
    )
    assert found == [0, 0]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda packed: packed[:-8], "it should have"),
        (lambda packed: b"\0" * 4 + packed[4:], "not a model file"),
        (lambda packed: packed[:4] + b"\x63\0\0\0" + packed[8:], "has version 99"),
        (lambda packed: packed[:40], "too short"),
    ],
)
def test_a_broken_file_is_refused(kernel_page, spoil, words):
    packed = spoil(pack_kernel(calibrate(random_model(1))))
    message = kernel_page.evaluate(
        """packed => { try { budgetKernel.parse(bytes(packed)); return "read"; }
          catch (error) { return error.message; } }""",
        encoded(packed),
    )
    assert words in message


@pytest.mark.parametrize("amounts", [[1.0], [-1.0] * 15, [np.nan] * 15])
def test_a_wrong_allocation_is_refused(kernel_page, amounts):
    load(kernel_page, calibrate(random_model(1, programmes=5, areas=3)))
    message = kernel_page.evaluate(
        "packed => { try { model.evaluate(floats(packed)); return 'ran'; } catch (error) { return error.message; } }",
        encoded(np.array(amounts)),
    )
    assert message.startswith("budgetKernel: ")


def test_a_slider_move_costs_a_few_milliseconds_at_most(kernel_page):
    """40 programmes x 30 needs x 60 areas x 2 groups: one programme moves in all areas, totals included."""
    model = random_model(37, programmes=40, needs=30, areas=60, groups=2, link_share=0.15)
    load(kernel_page, calibrate(model))
    times = kernel_page.evaluate(
        """() => { const totals = Float64Array.from(model.baselineTotal); const times = [];
          for (let move = 0; move < 300; move++) {
            totals[move % totals.length] += 1000;
            const start = performance.now();
            model.evaluate(model.spread(totals));
            model.summary();
            times.push(performance.now() - start);
          } return times.slice(50); }"""
    )
    assert np.median(times) < 5, f"median {np.median(times):.2f} ms"
    print(f"slider move: median {np.median(times):.2f} ms, p95 {np.percentile(times, 95):.2f} ms")
