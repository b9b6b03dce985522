"""A page speaks one language, and a letter written meanwhile its reader's."""

from flask import render_template_string

from authserver.http import language

SENTENCE = "{{ _('Sign in') }}"


def test_a_letter_speaks_another_language_than_the_page_it_comes_from(app):
    with app.test_request_context("/?ui_locales=en"):
        assert render_template_string(SENTENCE) == "Sign in"
        with language.speaking("pt-BR"):
            assert render_template_string(SENTENCE) == "Entrar"
            with language.speaking("es"):
                assert render_template_string(SENTENCE) == "Iniciar sesión"
            assert render_template_string(SENTENCE) == "Entrar"
        assert render_template_string(SENTENCE) == "Sign in"


def test_a_letter_that_fails_leaves_the_page_its_language(app):
    with app.test_request_context("/?ui_locales=es"):
        assert render_template_string(SENTENCE) == "Iniciar sesión"
        try:
            with language.speaking("pt-BR"):
                raise RuntimeError
        except RuntimeError:
            pass
        assert render_template_string(SENTENCE) == "Iniciar sesión"


def test_the_next_request_speaks_its_own_language(client):
    for tag, word in (("pt-BR", "Entrar"), ("en", "Sign in"), ("es", "Iniciar sesión")):
        assert f">{word}</h1>" in client.get(f"/signin?ui_locales={tag}").text
