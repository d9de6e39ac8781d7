package api

// Said is a text in which the caller must say something: required, and missing where it is blank (text.Blank). Its schema bounds it.
type Said string
