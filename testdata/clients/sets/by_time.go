package sets

import "time"

// Times that messages can name without another text each day.
var (
	past   = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)
	future = time.Date(2045, time.January, 1, 0, 0, 0, 0, time.UTC)
)

const day = 24 * time.Hour

// times are sets by when they are valid.
func times() []Set {
	return []Set{
		with("leaves-expired", leaves(since(past), until(past.Add(year)))),
		with("server-expired", server(since(past), until(past.Add(year)))),
		with("client-expired", client(since(past), until(past.Add(year)))),
		with("ca-expired", ca(since(past), until(past.Add(year)))),
		with("leaves-not-yet-valid", leaves(since(future), until(future.Add(year)))),
		with("ca-not-yet-valid", ca(since(future), until(future.Add(year)))),
		with("leaves-outlive-ca", ca(lasting(11*30*day))),
		with("leaves-825-days", leaves(lasting(825*day))),
		with("leaves-826-days", leaves(lasting(826*day))),
		with("leaves-ten-years", leaves(lasting(10*year)), ca(lasting(11*year))),
		with("leaves-until-9999", leaves(until(time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)))),
	}
}
