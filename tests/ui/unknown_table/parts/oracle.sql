CREATE TABLE hr.employees (
  employee_id NUMBER(6) PRIMARY KEY,
  "Full Name" VARCHAR2(80) NOT NULL,
  hired DATE
);
