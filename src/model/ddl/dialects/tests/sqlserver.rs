//! SQL Server.

use super::{Case, hold};
use crate::systems::Kind;

#[test]
fn statements_make_tables() {
    hold(Kind::Sqlserver, CASES);
}

static CASES: &[Case] = &[
    Case(
        "a script of Management Studio",
        r"
USE [Shop]
GO
/****** Object:  Table [dbo].[Order]    Script Date: 1/1/2024 /* nested */ it's ******/
SET ANSI_NULLS ON
GO
SET QUOTED_IDENTIFIER ON
GO
CREATE TYPE [dbo].[Name] FROM [nvarchar](50) NOT NULL
GO
IF NOT EXISTS (SELECT * FROM sys.objects WHERE object_id = OBJECT_ID(N'[dbo].[Order]') AND type in (N'U'))
BEGIN
CREATE TABLE [dbo].[Order](
	[Id] [int] IDENTITY(1,1) NOT FOR REPLICATION NOT NULL,
	[Name] [dbo].[Name],
	[Body] [nvarchar](max) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
	[Total] [money] NOT NULL,
	[Twice]  AS ([Total]*(2)) PERSISTED NOT NULL,
	[Year]  AS (CONVERT([int],datepart(year,[At]))),
	[At] [datetime2](7) NOT NULL,
	[Row] [uniqueidentifier] ROWGUIDCOL  NOT NULL CONSTRAINT [DF_Row]  DEFAULT (newid()),
	[Version] [timestamp] NOT NULL,
	[Doc] [xml](CONTENT [dbo].[Schemas]) NULL,
	[From] [datetime2] GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
	[To] [datetime2] GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
	[Mail] [varchar](80) MASKED WITH (FUNCTION = 'email()') NULL,
 CONSTRAINT [PK_Order] PRIMARY KEY CLUSTERED
(
	[Id] ASC
)WITH (PAD_INDEX = OFF, STATISTICS_NORECOMPUTE = OFF) ON [PRIMARY],
 CONSTRAINT [UQ_Order] UNIQUE NONCLUSTERED ([Row] ASC) ON [PRIMARY],
	PERIOD FOR SYSTEM_TIME ([From], [To])
) ON [PRIMARY] TEXTIMAGE_ON [PRIMARY]
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = [dbo].[History]))
END
GO
ALTER TABLE [dbo].[Order] ADD  CONSTRAINT [DF_Total]  DEFAULT ((0)) FOR [Total]
GO
ALTER TABLE [dbo].[Order]  WITH CHECK ADD  CONSTRAINT [FK_Order] FOREIGN KEY([Id])
REFERENCES [Sales].[Customer] ([Id])
ON UPDATE CASCADE
ON DELETE SET NULL
GO
ALTER TABLE [dbo].[Order] CHECK CONSTRAINT [FK_Order]
GO
CREATE UNIQUE NONCLUSTERED INDEX [IX] ON [dbo].[Order] ([At] ASC) INCLUDE ([Body]) WHERE ([At] IS NOT NULL) WITH (PAD_INDEX = OFF) ON [PRIMARY]
GO
CREATE PROCEDURE [dbo].[P] AS BEGIN
CREATE TABLE no (x int); DROP TABLE [dbo].[Order]; END
GO
EXEC sys.sp_addextendedproperty @name=N'MS_Description', @value=N'What people buy, it''s' , @level0type=N'SCHEMA',@level0name=N'dbo', @level1type=N'TABLE',@level1name=N'Order'
GO
EXEC sp_addextendedproperty N'MS_Description', N'The sum', 'SCHEMA', N'dbo', 'TABLE', N'Order', 'COLUMN', N'total'
GO
EXEC sp_addextendedproperty N'MS_Description', N'An index', 'SCHEMA', N'dbo', 'TABLE', N'Order', 'INDEX', N'IX'
GO
",
        "dbo.Order key(Id) unique UQ_Order(Row) unique IX(At) partial ref(Id) Sales.Customer SetNull Cascade -- What people buy, it's { \
         Id int default; Name nvarchar(50); Body nvarchar(max)?; Total money default -- The sum; Twice computed stored; \
         Year int? virtual; At datetime2(7); Row uniqueidentifier default; Version timestamp default; Doc xml?; \
         From datetime2(7) stored; To datetime2(7) stored; Mail varchar(80)? }",
    ),
    Case(
        "no semicolons, a comma too many, a comma too few, keys behind columns",
        "
create table a (id int not null primary key clustered (id), x varchar(10) null constraint uq unique, y as (x + 'z'),)
create table s.b (id int identity (1, 1) not null constraint pk primary key, a int references a (id) on delete cascade
  constraint fk2 foreign key (a) references a (id), n numeric(9), timestamp)
alter table s.b add z int null, w decimal(5, 1) not null default 3 with values
alter table s.b alter column z bigint not null
alter table s.b drop constraint pk
alter table s.b drop column n, column w
create table #tmp (x int)
if object_id('a') is not null drop table if exists nowhere
",
        "
dbo.a key(id) unique uq(x) { id int; x varchar(10)?; y computed? virtual }
s.b ref(a) dbo.a Cascade NoAction ref(a) dbo.a NoAction NoAction { id int default; a int?; timestamp timestamp default; z bigint }
",
    ),
    Case(
        "renamings",
        "
CREATE TABLE dbo.A (x int, [y z] int, CONSTRAINT U UNIQUE (x)); CREATE TABLE B (x int REFERENCES a);
GO
EXEC sp_rename 'dbo.A.[y z]', 'yz', 'COLUMN';
exec sp_rename @objname = N'[dbo].[A].[U]', @newname = 'V', @objtype = 'INDEX'
EXEC sp_rename 'a', 'C'
ALTER SCHEMA s TRANSFER dbo.C
GO 5
-- GO
",
        "s.C unique V(x) { x int?; yz int? }\ndbo.B ref(x) s.C NoAction NoAction { x int? }",
    ),
];
