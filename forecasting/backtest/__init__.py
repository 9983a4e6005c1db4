"""Walk-forward trials of the forecasts on measured files, against references."""
