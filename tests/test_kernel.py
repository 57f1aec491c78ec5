"""Kernel ridge regression, a rival without a state."""

import numpy as np
import pytest

from course_lib.baselines import KernelRidge


def test_two_windows_by_hand():
    X, y = np.array([[[-1.0]], [[1.0]]]), np.array([[0.0], [2.0]])
    model = KernelRidge(lags=1, gamma=0.5, penalty=0.25).fit(X, y)
    # The windows have SD 1 and lie 2 apart: similarity exp(-0.5 * 4). By symmetry the weights are
    # -w and w, with (1 + 0.25 - similarity) w = 1.
    similarity = np.exp(-2)
    w = 1 / (1.25 - similarity)
    np.testing.assert_allclose(
        model.predict(X), [[1 - w * (1 - similarity)], [1 + w * (1 - similarity)]]
    )
    np.testing.assert_allclose(model.predict(np.zeros((1, 1, 1))), [[1.0]])


def test_without_a_penalty_to_speak_of_it_passes_through_its_training_targets():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 3, 1)), rng.normal(size=(20, 2))
    fitted = KernelRidge(lags=3, gamma=1.0, penalty=1e-12).fit(X, y).predict(X)
    np.testing.assert_allclose(fitted, y, atol=1e-6)


def test_only_the_last_lags_count():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 5, 1)), rng.normal(size=(20, 1))
    model = KernelRidge(lags=2).fit(X, y)
    changed = X.copy()
    changed[:, :3] = 9.0
    np.testing.assert_array_equal(model.predict(changed), model.predict(X))


@pytest.mark.parametrize("shape", [(4, 5), (4, 2, 1), (4, 5, 2)])
def test_windows_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"windows of shape \(samples, at least 3, 1\), got"):
        KernelRidge(lags=3).fit(np.zeros(shape), np.zeros((4, 1)))
