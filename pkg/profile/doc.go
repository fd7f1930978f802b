// Package profile decides what will be issued: a conf and what was asked for besides go in, a validated Profile comes out,
// and nothing else can make one. What the conf states is kept, what it leaves out is completed, and every completion is
// noted.
package profile
