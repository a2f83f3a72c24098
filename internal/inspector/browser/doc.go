// Package browser tests the inspector's page in Chromium. It is a module of its own,
// so that what drives a browser reaches no user of the toolkit.
package browser
