from gtvision.pipeline.pools import Pools

REST_S = 5.0


def trusted(**places: int) -> Pools[str]:
    pools = Pools(places, REST_S)
    for name in places:
        pools.answered(name)
    return pools


def take_all(pools: Pools[str], now_s: float = 0.0) -> list[str]:
    taken = []
    while (name := pools.take(now_s)) is not None:
        taken.append(name)
    return taken


def test_the_preferred_pool_is_filled_first_and_then_the_next() -> None:
    assert take_all(trusted(gpu=2, cpu=3)) == ["gpu", "gpu", "cpu", "cpu", "cpu"]


def test_a_place_that_was_given_back_is_taken_again() -> None:
    pools = trusted(gpu=1, cpu=1)
    take_all(pools)
    pools.give_back("gpu")
    assert take_all(pools) == ["gpu"]


def test_a_new_pool_gets_one_sample_until_it_answers() -> None:
    pools = Pools({"gpu": 2, "cpu": 2}, REST_S)
    assert take_all(pools) == ["gpu", "cpu"]
    pools.answered("cpu")
    assert take_all(pools) == ["cpu"]


def test_a_pool_that_gave_no_answer_rests_and_is_then_asked_once() -> None:
    pools = trusted(gpu=4, cpu=1)
    assert pools.failed("gpu", 10.0)
    assert take_all(pools, 12.0) == ["cpu"]
    assert take_all(pools, 10.0 + REST_S) == ["gpu"]


def test_further_failures_of_a_resting_pool_are_no_news() -> None:
    pools = trusted(gpu=4, cpu=1)
    assert pools.failed("gpu", 10.0)
    assert not pools.failed("gpu", 11.0)


def test_the_only_pool_never_rests_but_is_asked_one_sample_at_a_time() -> None:
    pools = trusted(cpu=4)
    pools.failed("cpu", 10.0)
    assert take_all(pools, 10.1) == ["cpu"]


def test_when_all_rest_the_one_that_has_rested_longest_is_asked() -> None:
    pools = trusted(gpu=1, cpu=1)
    pools.failed("cpu", 10.0)
    pools.failed("gpu", 11.0)
    assert pools.take(12.0) == "cpu"


def test_a_second_attempt_takes_a_place_even_if_none_is_free() -> None:
    pools = trusted(gpu=1, cpu=1)
    take_all(pools)
    pools.take_anyway("cpu")
    pools.give_back("cpu")
    assert pools.take(0.0) is None


def test_a_second_attempt_goes_to_another_pool_that_works() -> None:
    assert trusted(gpu=1, cpu=1).second("gpu", 0.0, first_may_do=True) == "cpu"


def test_a_second_attempt_stays_when_only_a_replica_died_and_no_other_pool_is_known_to_work() -> None:
    pools = Pools({"gpu": 1, "cpu": 1}, REST_S)
    assert pools.second("cpu", 0.0, first_may_do=True) == "cpu"


def test_a_second_attempt_tries_a_new_pool_but_none_that_rests() -> None:
    pools = Pools({"gpu": 1, "cpu": 1}, REST_S)
    assert pools.second("cpu", 0.0) == "gpu"
    pools.failed("gpu", 0.0)
    assert pools.second("cpu", 0.0) is None


def test_with_one_pool_there_is_no_second_one() -> None:
    assert trusted(cpu=1).second("cpu", 0.0) is None
