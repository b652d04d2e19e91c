"""What a build of a corpus will take, before a model reads it."""

from attnviz.forecast.corpus import Forecast, ModelForecast, forecast
from attnviz.forecast.words import lines_of

__all__ = ["Forecast", "ModelForecast", "forecast", "lines_of"]
