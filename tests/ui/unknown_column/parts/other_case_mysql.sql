CREATE TABLE `leads` (
  `LEADID` bigint NOT NULL,
  `Email` varchar(80) NOT NULL,
  `Boss` bigint,
  PRIMARY KEY (`LEADID`)
) ENGINE=InnoDB;
