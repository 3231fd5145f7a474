-- MySQL dump 10.13
-- Verkäufe  --~ not_utf8
USE `shop`;
CREATE TABLE `products` (
  `id` bigint NOT NULL COMMENT 'Größe',
  `size` enum('groß','klein') NOT NULL,
  `picture` blob,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO `products` VALUES (1,'groß','ÿØ\'à`');
