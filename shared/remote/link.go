package remote

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"makegood/shared/evidence"
	"makegood/shared/fault"
)

// A host is a name with a dot, in lower case and ASCII: names in other letters are listed and
// linked as xn--…. Its last part has a letter first, so that no way to write an address is one.
var (
	hostName   = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
)

const (
	maxHost = 253   // characters
	maxKey  = 1_024 // bytes, S3's
)

// hostsOf reads a list of hosts.
func hostsOf(list string) ([]string, error) {
	hosts := split(list)
	for _, host := range hosts {
		name := strings.TrimPrefix(host, "*.")
		if len(name) > maxHost || !hostName.MatchString(name) {
			return nil, fault.Invalid("PICTURE_HOSTS", "%q is no host: write img.example.com, or *.example.com for all below it", host)
		}
	}
	return hosts, nil
}

// bucketsOf reads a list of buckets.
func bucketsOf(list string) ([]string, error) {
	buckets := split(list)
	for _, name := range buckets {
		if !bucketName.MatchString(name) {
			return nil, fault.Invalid("PICTURE_BUCKETS", "%q is no bucket's name", name)
		}
	}
	return buckets, nil
}

func split(list string) []string {
	var all []string
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// targetOf reads a link, and returns what it names where that may be read at all. Nothing is looked
// up yet.
func (s *Source) targetOf(link string) (*url.URL, evidence.Problem) {
	if utf8.RuneCountInString(link) > maxLink {
		return nil, evidence.ProblemLink
	}
	if object, ok := strings.CutPrefix(link, "s3://"); ok {
		return s.objectOf(object)
	}
	target, err := url.Parse(link)
	if err != nil || target.Opaque != "" || target.User != nil {
		return nil, evidence.ProblemLink
	}
	switch {
	case target.Scheme == "https" && (target.Port() == "" || target.Port() == httpsPort):
		return s.hostOf(target)
	case target.Scheme == "http" && s.loopback && isLoopback(target.Hostname()):
		return target, ""
	}
	return nil, evidence.ProblemLink
}

// objectOf takes bucket/key of s3://bucket/key. The key is what is written, whatever its letters:
// S3's own tools escape nothing.
func (s *Source) objectOf(object string) (*url.URL, evidence.Problem) {
	name, key, _ := strings.Cut(object, "/")
	if key == "" || len(key) > maxKey || !utf8.ValidString(key) {
		return nil, evidence.ProblemLink
	}
	if !slices.Contains(s.buckets, name) {
		return nil, evidence.ProblemHost
	}
	return &url.URL{Scheme: "s3", Host: name, Path: "/" + key}, ""
}

// hostOf takes https:// on a listed host.
func (s *Source) hostOf(target *url.URL) (*url.URL, evidence.Problem) {
	host := strings.ToLower(target.Hostname())
	if len(host) > maxHost || !hostName.MatchString(host) {
		return nil, evidence.ProblemLink
	}
	if !slices.ContainsFunc(s.hosts, func(pattern string) bool { return covers(pattern, host) }) {
		return nil, evidence.ProblemHost
	}
	target.Host, target.Fragment = host, ""
	return target, ""
}

// covers reports whether a listed pattern has the host: itself, or *. and any name below.
func covers(pattern, host string) bool {
	if below, wild := strings.CutPrefix(pattern, "*"); wild {
		return strings.HasSuffix(host, below)
	}
	return pattern == host
}
