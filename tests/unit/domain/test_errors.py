import inspect
import pickle

import pytest

from gtvision.domain import errors
from gtvision.domain.errors import BadConfiguration, BadInput, GtVisionError, SourceUnavailable, TryLater

ALL = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, GtVisionError)]


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_every_error_survives_the_way_between_actors(error):
    sent = error("it says what to do")
    received = pickle.loads(pickle.dumps(sent))
    assert type(received) is error
    assert str(received) == str(sent) == "it says what to do"
    assert received.args == sent.args


def test_fields_and_reasons_survive_as_well():
    configuration = pickle.loads(pickle.dumps(BadConfiguration("it has no area", "zones[0].polygon")))
    assert str(configuration) == "zones[0].polygon: it has no area"
    assert configuration.field == "zones[0].polygon"
    assert pickle.loads(pickle.dumps(SourceUnavailable("no answer", "timeout"))).reason == "timeout"


def test_every_error_says_what_its_caller_can_do():
    branches = (TryLater, BadInput, BadConfiguration, errors.NotFound, errors.AlreadyExists)
    assert all(issubclass(error, branches) for error in ALL if error is not GtVisionError)


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_every_error_stands_in_the_drawn_tree(error):
    assert error.__name__ in (errors.__doc__ or "")
