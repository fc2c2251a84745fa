import pytest

from gtvision.adapters.redact import redact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot open rtsp://root:hunter2@10.0.0.1/live", "cannot open rtsp://***@10.0.0.1/live"),
        ("rtsp://root:p@ss@10.0.0.1:554/live", "rtsp://***@10.0.0.1:554/live"),
        ("'rtsps://root@cam/live' and 'http://a:b@c'", "'rtsps://***@cam/live' and 'http://***@c'"),
        ("postgresql+psycopg://u:hunter2@db/gtvision", "postgresql+psycopg://***@db/gtvision"),
        ("rtsp://cam/user=admin_password=hunter2_channel=1", "rtsp://cam/user=***_password=***_channel=1"),
        ("rtsp://cam/live?password=hun_ter2&x=1", "rtsp://cam/live?password=***&x=1"),
        ("rtsp://cam/live?pwd=hunter2&channel=1", "rtsp://cam/live?pwd=***&channel=1"),
        ("Authorization: Basic aHVudGVyMg==", "Authorization: Basic ***"),
        ("rtsp://cam/live@home", "rtsp://cam/live@home"),
        ("mail me@example.org at 10:30", "mail me@example.org at 10:30"),
        ("", ""),
    ],
)
def test_credentials_do_not_show_and_the_rest_stays(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_a_given_secret_does_not_show_in_any_form() -> None:
    assert redact("p@ss/word p%40ss%2Fword p%40ss/word", "p@ss/word", None, "") == "*** *** ***"
