package profile

import (
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"
)

var endOfTime = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// isPrintableText refuses control characters and those that steer the direction of text, which would forge what is
// printed, and bytes that are not UTF-8.
func isPrintableText(field validator.FieldLevel) bool {
	text := field.Field().String()
	if !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return false
		}
	}
	return true
}
