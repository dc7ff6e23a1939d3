CREATE TABLE roster_sending (
	id BIGSERIAL NOT NULL, 
	sender_id UUID, 
	sent_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	speaks_of TIMESTAMP WITH TIME ZONE NOT NULL, 
	actor VARCHAR NOT NULL, 
	files JSON NOT NULL, 
	rows INTEGER NOT NULL, 
	people INTEGER NOT NULL, 
	faults INTEGER NOT NULL, 
	plan_digest VARCHAR, 
	CONSTRAINT pk_roster_sending PRIMARY KEY (id), 
	CONSTRAINT fk_roster_sending_sender_id FOREIGN KEY(sender_id) REFERENCES unit (id)
)
-->
CREATE INDEX ix_roster_sending_sender_id ON roster_sending (sender_id)
-->
CREATE TABLE roster_sent_unit (
	id BIGSERIAL NOT NULL, 
	sending_id BIGINT NOT NULL, 
	unit_id UUID NOT NULL, 
	rows INTEGER NOT NULL, 
	faults INTEGER NOT NULL, 
	people VARCHAR NOT NULL, 
	CONSTRAINT pk_roster_sent_unit PRIMARY KEY (id), 
	CONSTRAINT uq_roster_sent_unit_unit_id_sending_id UNIQUE (unit_id, sending_id), 
	CONSTRAINT fk_roster_sent_unit_sending_id FOREIGN KEY(sending_id) REFERENCES roster_sending (id), 
	CONSTRAINT fk_roster_sent_unit_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
)
-->
CREATE INDEX ix_roster_sent_unit_sending_id ON roster_sent_unit (sending_id)
-->
