from posture.live.choice import CALM, QUICK_MS, SLOW_MS, TELLING, WARMING, ModelChoice

SLOW, QUICK = 2 * SLOW_MS, QUICK_MS / 2
FIRST_LOOK = WARMING + TELLING


def after(choice, took_ms, pictures):
    return [choice.add(took_ms) for _ in range(pictures)].count(True)


def test_a_quick_computer_keeps_the_best_model():
    choice = ModelChoice(("full", "lite"))
    assert after(choice, QUICK, 500) == 0
    assert choice.model == "full"


def test_a_slow_computer_keeps_the_quicker_model():
    choice = ModelChoice(("full", "lite"))
    assert after(choice, SLOW, 500) == 1
    assert choice.model == "lite"


def test_a_slow_first_picture_is_no_slow_computer():
    choice = ModelChoice(("full", "lite"))
    after(choice, SLOW, WARMING)
    assert after(choice, QUICK, 100) == 0


def test_after_a_busy_start_the_best_model_comes_back():
    choice = ModelChoice(("full", "lite"))
    after(choice, SLOW, FIRST_LOOK)
    assert choice.model == "lite"
    assert after(choice, QUICK, CALM) == 0  # calm for a while first
    assert after(choice, QUICK, WARMING) == 1
    assert choice.model == "full"


def test_it_never_goes_to_and_fro():
    choice = ModelChoice(("full", "lite"))
    changes = sum(choice.add(SLOW if choice.model == "full" else QUICK) for _ in range(5000))
    assert changes == 3
    assert choice.model == "lite"


def test_a_new_neutral_is_a_new_look():
    choice = ModelChoice(("full", "lite"))
    for _ in range(200):
        choice.add(SLOW if choice.model == "full" else QUICK)
    choice.look_again()
    assert after(choice, QUICK, 200) == 1
    assert choice.model == "full"


def test_in_between_it_stays_as_it_is():
    choice = ModelChoice(("full", "lite"))
    after(choice, SLOW, FIRST_LOOK)
    assert after(choice, (QUICK_MS + SLOW_MS) / 2, 500) == 0


def test_a_single_model_is_never_changed():
    choice = ModelChoice(("full",))
    assert after(choice, SLOW, 100) == 0
