package browsertest

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// named are the keys that have more than one letter.
var named = map[string]string{
	"Enter": kb.Enter, "Tab": kb.Tab, "Escape": kb.Escape, "Space": " ", "Backspace": kb.Backspace, "Delete": kb.Delete,
	"ArrowUp": kb.ArrowUp, "ArrowDown": kb.ArrowDown, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
	"Home": kb.Home, "End": kb.End, "PageUp": kb.PageUp, "PageDown": kb.PageDown,
}

var modifiers = map[string]chromedp.Modifier{
	"Control": chromedp.ModifierCtrl, "Shift": chromedp.ModifierShift, "Alt": chromedp.ModifierAlt, "Meta": chromedp.ModifierMeta,
}

// keyOf reads a key as a person writes it: modifiers and one key, joined by "+".
func keyOf(key string) (text string, with []chromedp.Modifier, err error) {
	for {
		before, after, more := strings.Cut(key, "+")
		modifier, known := modifiers[before]
		if !more || !known {
			break
		}
		with, key = append(with, modifier), after
	}
	if text, known := named[key]; known {
		return text, with, nil
	}
	if utf8.RuneCountInString(key) != 1 {
		return "", nil, fmt.Errorf("no key is called %q", key)
	}
	return key, with, nil
}
