"""The service's records as lines of JSON."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.events.records import PlatformStart
from sandbox_runner.projections.log_json import json_line
from sandbox_runner.rules.timestamps import timestamp

EPOCH_US = 1_767_574_800_042_999


def test_a_line_has_time_type_and_record_and_no_blank():
    line = json_line(PlatformStart(request_id="i", version="$LATEST"), EPOCH_US)
    assert line == (
        '{"time":"2026-01-05T01:00:00.042Z","type":"platform.start","record":{"requestId":"i","version":"$LATEST"}}'
    )


def test_characters_stand_for_themselves():
    assert json.loads(json_line(PlatformStart(request_id="\u3042", version="1"), 0))["record"]["requestId"] == "\u3042"
    assert "\u3042" in json_line(PlatformStart(request_id="\u3042", version="1"), 0)


@given(us=st.integers(min_value=0, max_value=4_000_000_000_000_000))
def test_a_timestamp_is_the_moment_cut_to_its_millisecond(us):
    read = datetime.fromisoformat(timestamp(us))
    assert read == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=us // 1000)
