import numpy as np

from dechaff.core.table import Column
from dechaff.methods.features.redundant_columns import redundant_columns

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=400)
CITIES = RANDOM.integers(0, 12, 400)


def number(name: str, values: np.ndarray) -> Column:
    return Column(name, "numeric", values.astype(float), np.isnan(values), np.array([""] * len(values), dtype=object))


def category(name: str, codes: np.ndarray, words: str = "level") -> Column:
    values = np.array([f"{words} {code}" for code in codes], dtype=object)
    return Column(name, "categorical", values, np.zeros(len(codes), dtype=bool), values)


def found(*columns: Column) -> list[tuple[str, str, bool]]:
    return [(one.name, one.of, one.mutual) for one in redundant_columns(columns)]


def test_the_later_of_two_columns_that_explain_each_other_is_redundant() -> None:
    assert found(number("x", X), number("y", RANDOM.normal(size=400)), number("z", np.exp(X))) == [("z", "x", True)]
    assert found(category("city", CITIES), category("ville", CITIES, "ville")) == [("ville", "city", True)]


def test_a_coarser_column_is_redundant_whatever_the_order() -> None:
    assert found(category("region", CITIES // 4), category("city", CITIES)) == [("region", "city", False)]
    assert found(number("square", X**2), number("x", X)) == [("square", "x", False)]
    assert found(category("sign", X > 0), number("x", X)) == [("sign", "x", False)]


def test_what_is_left_over_of_a_chain_is_one_column() -> None:
    assert found(number("a", X), number("b", 2 * X), number("c", -X)) == [("b", "a", True), ("c", "a", True)]


def test_noise_missing_cells_and_names_of_rows_explain_nothing() -> None:
    with_gaps = np.where(RANDOM.random(400) < 0.2, np.nan, X)
    assert found(number("x", X), number("noisy", X + 0.2 * RANDOM.normal(size=400))) == []
    assert found(number("x", X), number("gaps", with_gaps)) == []
    assert found(category("name", np.arange(400)), category("city", CITIES), number("x", X)) == []
    assert found(number("x", X), number("constant", np.zeros(400))) == []
    assert found(number("empty", np.full(400, np.nan)), number("x", X)) == []
    assert found(number("x", X[:20]), number("y", X[:20])) == []
