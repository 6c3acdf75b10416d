"""The form for reporting a page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from playground.moderation.models import ReportReason
from playground.text.normalize import several_lines

WORDS_CHARACTERS_MAX = 2_000


class ReportForm(forms.Form):
    """The reason, and optionally the visitor's own words."""

    reason = forms.ChoiceField(
        choices=ReportReason.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what is wrong with the page."),
            "invalid_choice": _("Choose one of the reasons that are offered."),
        },
    )
    words = forms.CharField(
        required=False,
        max_length=WORDS_CHARACTERS_MAX,
        error_messages={"max_length": _("Say it in at most %(limit_value)d characters; these are %(show_value)d.")},
    )

    def clean_words(self) -> Any:
        """The words as stored."""
        return several_lines(self.cleaned_data["words"])
