-- То же письмо разметкой и предмет, о котором оно: об отправке такого письма рассказывает новость.
ALTER TABLE messages ADD COLUMN html {longtext} NULL;

ALTER TABLE messages ADD COLUMN subject_kind VARCHAR(60) NULL;

ALTER TABLE messages ADD COLUMN subject_id VARCHAR(60) NULL;
