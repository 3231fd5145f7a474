PROMPT  it's a script
CREATE TABLE employees (employee_id NUMBER(6) PRIMARY KEY, hired DATE)
/
CREATE TABLE jobs (job_id VARCHAR2(10, title VARCHAR2(35)); --~ unreadable_schema
