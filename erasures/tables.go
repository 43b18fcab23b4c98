package erasures

import "github.com/rapport-project/rapport/schemas"

// Subject is who is erased: a customer of a tenant, or a tenant altogether where Customer is empty.
type Subject struct {
	Tenant, Customer string
}

// Scopes of erasures. A repetition takes away what a process stored that had looked before the hashes were there.
const (
	ScopeCustomer   = "customer"
	ScopeTenant     = "tenant"
	scopeRepetition = "repetition"
)

func (s Subject) scope() string {
	if s.Customer == "" {
		return ScopeTenant
	}
	return ScopeCustomer
}

// chain is the name of the customer's contacts that name no issue, and, with & after it, the beginning of all others.
func (s Subject) chain() string { return schemas.Chain(s.Customer, "", "", "", "") }

// table is one that holds rows of events or of what they come to; its fields are names that go into statements.
type table struct {
	Name string
	// Events says that its rows have the source and id of an event.
	Events bool
	// Type of the events, where it is the table that they are stored in first.
	Type schemas.Type
	// Copy is the table that holds the same facts by Entity, a column.
	Copy, Entity string
	// Kind of the entity.
	Kind schemas.Kind
	// Outcomes is the table that says whose the entity is; Named are those whose rows name a customer.
	Outcomes string
	Named    []string
	// Column says that there is a column customer_id, Chain one of that name.
	Column, Chain bool
	// Customer says that the subject is one.
	Customer bool
}

// of is the table as seen by a statement about s.
func (t table) of(s Subject) table {
	t.Customer = s.Customer != ""
	return t
}

// facts are the tables that events are stored in.
func facts() []table {
	return []table{
		{Name: "survey_facts", Events: true, Type: schemas.TypeSurveyResponse, Column: true},
		{Name: "invitation_facts", Events: true, Type: schemas.TypeSurveyInvitation, Column: true},
		{Name: "contact_facts", Events: true, Type: schemas.TypeContact, Copy: "contacts_by_chain", Entity: "chain", Kind: schemas.ChainOfContacts, Column: true, Chain: true},
		cases(), complaints(),
	}
}

func cases() table {
	return table{
		Name: "milestone_facts", Events: true, Type: schemas.TypeMilestone, Copy: "milestones_by_case", Entity: "case_id", Kind: schemas.CaseOfWork,
		Outcomes: "case_outcomes", Named: []string{"case_outcomes"}, Column: true,
	}
}

func complaints() table {
	return table{
		Name: "complaint_facts", Events: true, Type: schemas.TypeComplaint, Copy: "complaint_events_by_id", Entity: "complaint_id", Kind: schemas.OneComplaint,
		Outcomes: "complaint_outcomes", Named: []string{"complaint_outcomes", "complaint_subjects"}, Column: true,
	}
}

// copies are the tables that hold facts once more.
func copies() []table {
	var found []table
	for _, t := range facts() {
		if t.Copy != "" {
			t.Name, t.Type = t.Copy, ""
			found = append(found, t)
		}
	}
	return found
}

// outcomesOfEvents is the table of outcomes whose rows are of events.
func outcomesOfEvents() table {
	return table{Name: "contact_outcomes", Events: true, Column: true, Chain: true}
}

// outcomesOfEntities are the tables of outcomes of entities.
func outcomesOfEntities() []table {
	var found []table
	for _, t := range []table{cases(), complaints()} {
		for _, name := range t.Named {
			found = append(found, table{Name: name, Copy: t.Copy, Entity: t.Entity, Kind: t.Kind, Column: true})
		}
	}
	return found
}

// chains is which chains a case has.
func chains() table { return table{Name: "chains_of_cases", Chain: true} }

// ofEvents are all tables whose rows are of events.
func ofEvents() []table { return append(append(facts(), copies()...), outcomesOfEvents()) }

// aboutCustomers are all tables whose rows may be about a customer.
func aboutCustomers() []table { return append(append(ofEvents(), outcomesOfEntities()...), chains()) }
