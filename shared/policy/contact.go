package policy

import (
	"maps"
	"strings"
)

// HiddenEmail is in a published text, and in its file, where the page hides an address from whoever
// copies it.
const HiddenEmail = "[email protected]"

// Contact says whom a customer writes to; every part may be "".
type Contact struct {
	// Name is who answers.
	Name string `json:"name,omitempty"`
	// Email is their address.
	Email string `json:"email,omitempty"`
	// Phone is their number, as the page has it.
	Phone string `json:"phone,omitempty"`
	// Address is where letters go, as the page has it.
	Address string `json:"address,omitempty"`
	// HidesEmail: the published text names an address and hides it. Email is "" until WithEmail.
	HidesEmail bool `json:"-"`
}

var emailShape = pattern(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

func (l contactLine) contact() Contact {
	c := Contact{Name: l.Name, Email: l.Email, Phone: l.Phone, Address: l.Address, HidesEmail: l.Email == HiddenEmail}
	if c.HidesEmail {
		c.Email = ""
	}
	return c
}

// WithEmail returns the revision with an address in place of the one that the published text hides,
// in the contact and in the clauses. Its digest stays. A revision that hides none comes back as it
// is, and so does any where the address is "".
func (r Revision) WithEmail(address string) Revision {
	if address == "" || !r.Contact.HidesEmail {
		return r
	}
	// The clauses' map is shared with the revision that hides the address: it is copied.
	r.Contact.Email = address
	r.clauses = maps.Clone(r.clauses)
	for id, clause := range r.clauses {
		clause.Text = strings.ReplaceAll(clause.Text, HiddenEmail, address)
		r.clauses[id] = clause
	}
	return r
}

func (c *checker) checkContact(f file) {
	at := place{"contact", "email"}
	email := f.Contact.Email
	c.need(email == "" || email == HiddenEmail || emailShape().MatchString(email), at, "must be an address, or %s where the published text hides it", HiddenEmail)
	for _, id := range sortedKeys(f.Clauses) {
		hides := strings.Contains(f.Clauses[id].Text, HiddenEmail)
		c.need(!hides || email == HiddenEmail, place{"clauses", id, "says"}, "hides an address: write %s as contact.email, too", HiddenEmail)
	}
}
