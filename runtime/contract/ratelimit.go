package contract

import "time"

// RateLimit is what an answer said about the caller's quota.
type RateLimit struct {
	// Policy is its name, such as "default".
	Policy string
	// Remaining is how many requests are left until Reset has passed.
	Remaining int64
	Reset     time.Duration
	// Quota is how many requests the policy allows within Window; 0 when that was
	// not said.
	Quota  int64
	Window time.Duration
}
