"""The sliders of a simulated fleet, moved without a browser."""

from __future__ import annotations

import re

import ipywidgets as widgets
import pytest

import labkit
from labkit import fleet
from labkit.fleet.arrivals import poisson


@pytest.fixture
def panel():
    return labkit.explore()


def slider(panel, label):
    return next(one for one in panel.children if getattr(one, "description", "") == label)


def said(panel):
    return panel.children[-2].value


def test_it_says_what_the_fleet_does_and_draws_it(panel):
    trace = fleet.simulate(
        poisson(5.0, 1200.0, 0), service=fleet.Exponential(0.3), init=0.4, memory=512, account_limit=100, seed=0
    )
    assert f"<b>{trace.counts()['cold'] / len(trace):.2%}</b>" in said(panel)
    assert 'role="status" aria-live="polite"' in said(panel) and "Simulated" in said(panel)
    assert f"Concurrency of {len(trace):,} invocations" in panel.children[-1].value


def test_a_moved_slider_redraws(panel):
    before = panel.children[-1].value
    slider(panel, "concurrency limit").value = 2
    assert re.search(r"<b>[1-9][\d,]*</b> throttled", said(panel)) and panel.children[-1].value != before
    slider(panel, "provisioned").value = 5
    assert "no more than the limit, 2, can be provisioned" in said(panel)


@pytest.mark.parametrize("end", ["min", "max"])
def test_no_slider_leads_to_an_error(panel, end):
    for one in panel.children:
        if isinstance(one, (widgets.IntSlider, widgets.FloatLogSlider)):
            logarithmic = isinstance(one, widgets.FloatLogSlider)
            one.value = 10 ** getattr(one, end) if logarithmic else getattr(one, end)
            assert "Simulated" in said(panel)


def test_the_keyboard_moves_every_control(panel):
    assert all(not isinstance(one, (widgets.Dropdown, widgets.RadioButtons)) for one in panel.children)
