from ivr.call.resume import remaining_text


def test_the_sentence_that_was_cut_is_said_again_and_what_follows_it() -> None:
    text = "Nearest is Olympic Park. It is open until five! Shall I text that?"
    assert remaining_text(text, 0.2, "en") == text
    assert remaining_text(text, 2.4, "en") == "It is open until five! Shall I text that?"
    assert remaining_text(text, 60.0, "en") == ""


def test_chinese_sentences_and_other_languages_have_their_own_pace() -> None:
    assert remaining_text("您好。请讲", 0.9, "zh") == "请讲"
    assert remaining_text("Bonjour", 0.1, "fr") == "Bonjour"
