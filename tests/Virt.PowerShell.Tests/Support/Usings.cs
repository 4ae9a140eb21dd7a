global using Xunit;
global using ErrorRecord = System.Management.Automation.ErrorRecord;
global using Shell = System.Management.Automation.PowerShell;
