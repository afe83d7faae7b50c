"""What tests of the whole road may ask for."""

from tests.browser import browser as browser
