"""Settings of Sphinx for `python course.py site`. The pages come from tools/site.py."""

from tools.words import language as language_of_the_course
from tools.words import word

project = "Transfer learning with BERT"
copyright = "the authors of bert-transfer-course; prose CC BY 4.0, code MIT"
language = language_of_the_course()

extensions = ["myst_nb"]

# Notebooks: as they were executed when they were built, never here.
nb_execution_mode = "off"
nb_render_markdown_format = "myst"  # with tables, as JupyterLab shows them
nb_code_prompt_show = word("show_solution")
nb_code_prompt_hide = word("hide_solution")
nb_ipywidgets_js = {}  # the stored outputs hold no widgets, and these scripts come from the network

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["static"]
html_css_files = ["custom.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_use_index = False  # the glossary is one
html_last_updated_fmt = None
# A page that is opened as a file may not read other files, and so can show no excerpts.
html_show_search_summary = False
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
html_theme_options = {
    "use_download_button": False,
    "navbar_persistent": [],  # one box to search is enough
    "footer_content_items": ["copyright"],
    "navigation_with_keys": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
