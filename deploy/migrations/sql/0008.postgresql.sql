CREATE TABLE contact_address (
	person_id UUID NOT NULL, 
	address_sealed VARCHAR NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	recorded_by VARCHAR NOT NULL, 
	proof VARCHAR NOT NULL, 
	CONSTRAINT pk_contact_address PRIMARY KEY (person_id), 
	CONSTRAINT fk_contact_address_person_id FOREIGN KEY(person_id) REFERENCES person (id)
)
-->
