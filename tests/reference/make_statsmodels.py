"""Reference figures from statsmodels for exponential smoothing and the Theta method.

On the first eight years of the airline passengers, for `course_lib.baselines.smoothing`.
"""

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel

PASSENGERS = np.loadtxt("../../data/airline.csv", delimiter=",", skiprows=1, usecols=1)[:96]
WEIGHTS = [0.4, 0.1, 0.3, 0.9]  # alpha, beta, gamma, phi
FIRST = {
    "multiplicative": [115.0, 1.5, *np.linspace(0.8, 1.2, 12)],
    "additive": [115.0, 1.5, *np.linspace(-30, 30, 12)],
}  # level, trend, season


def ets(seasonal):
    """Errors and forecasts with given numbers, and what a search for the best ones finds."""
    model = ETSModel(
        PASSENGERS, trend="add", damped_trend=True, seasonal=seasonal, seasonal_periods=12
    )
    alpha, beta, gamma, phi = WEIGHTS
    level, trend, *season = FIRST[seasonal]
    # Its beta is alpha times ours, its gamma 1 - alpha times ours, its season the latest first.
    weights = [alpha, alpha * beta, (1 - alpha) * gamma, phi]
    given = model.smooth(np.array([*weights, level, trend, *season[::-1]]))
    best = model.fit(disp=False, maxiter=10000)
    return {
        "numbers": np.array([*WEIGHTS, *FIRST[seasonal]]),
        "errors": PASSENGERS - given.fittedvalues,
        "forecast": given.forecast(24),
        "best_squares": best.sse,
        "best_weights": best.params[:4] / [1, best.params[0], 1 - best.params[0], 1],
        "best_forecast": best.forecast(24),
    }


def theta():
    found = ThetaModel(PASSENGERS, period=12).fit()
    return {
        "slope": found.params["b0"],
        "alpha": found.params["alpha"],
        "forecast": found.forecast(24).to_numpy(),
    }


cases = {"multiplicative": ets("multiplicative"), "additive": ets("additive"), "theta": theta()}
np.savez_compressed(
    "statsmodels_smoothing.npz",
    **{f"{name}/{key}": value for name, case in cases.items() for key, value in case.items()},
)
