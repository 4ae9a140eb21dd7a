using System.Management.Automation;

namespace Virt.Tests.PowerShell;

/// <summary>Errors as scripts meet them: their ids, categories, targets and words.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData("Get-VirtDomain nope", "VirtDomainNotFound", ErrorCategory.ObjectNotFound, "nope")]
    [InlineData("Get-VirtXml nope", "VirtDomainNotFound", ErrorCategory.ObjectNotFound, "nope")]
    [InlineData("Get-VirtDisk web1 vdz", "VirtDeviceNotFound", ErrorCategory.ObjectNotFound, "vdz")]
    [InlineData("Get-VirtNic web1 52:54:00:ff:ff:ff", "VirtDeviceNotFound", ErrorCategory.ObjectNotFound, "52:54:00:ff:ff:ff")]
    [InlineData("Get-VirtSecret nope", "VirtSecretNotFound", ErrorCategory.ObjectNotFound, "nope")]
    [InlineData("Get-VirtConsole nope", "VirtDomainNotFound", ErrorCategory.ObjectNotFound, "nope")]
    [InlineData("Measure-VirtDomain nope", "VirtDomainNotFound", ErrorCategory.ObjectNotFound, "nope")]
    [InlineData("Start-VirtDomain db1", "VirtInvalidState", ErrorCategory.InvalidOperation, "db1")]
    [InlineData("Stop-VirtDomain nope", "VirtDomainNotFound", ErrorCategory.ObjectNotFound, "nope")]
    [InlineData("Suspend-VirtDomain web2", "VirtInvalidState", ErrorCategory.InvalidOperation, "web2")]
    [InlineData("Remove-VirtDomain web1 -Confirm:$false", "VirtInvalidState", ErrorCategory.InvalidOperation, "web1")]
    [InlineData("Wait-VirtDomain web1 -State Paused -TimeoutSec 0", "VirtTimeout", ErrorCategory.OperationTimeout, "web1")]
    [InlineData("Rename-VirtDomain web2 web1", "VirtInvalidState", ErrorCategory.InvalidOperation, "web2")]
    [InlineData("New-VirtDomain web1", "VirtDomainExists", ErrorCategory.ResourceExists, "web1")]
    [InlineData("New-VirtDomain -Xml '<oops'", "VirtMalformedXml", ErrorCategory.InvalidData, "<oops")]
    [InlineData("Import-VirtDomain /nonexistent/a.xml", "VirtInvalidArgument", ErrorCategory.InvalidArgument, "/nonexistent/a.xml")]
    [InlineData("Connect-VirtHost spy://down/", "VirtConnectionFailed", ErrorCategory.ConnectionError, "spy://down/")]
    [InlineData("Connect-VirtHost spy://asks/", "VirtAuthenticationFailed", ErrorCategory.AuthenticationError, "spy://asks/")]
    [InlineData("Disconnect-VirtHost h9", "VirtHostNotConnected", ErrorCategory.ObjectNotFound, "h9")]
    [InlineData("Enter-VirtConsole web2 -Until x", "VirtInvalidState", ErrorCategory.InvalidOperation, "web2")]
    [InlineData("Set-VirtDisk web1 vda -Eject", "VirtInvalidState", ErrorCategory.InvalidOperation, null)]
    public async Task A_failure_goes_into_the_error_stream(string script, string id, ErrorCategory category, string? target)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync($"{script}; 'and on'");
        ErrorRecord error = outcome.Error(id, category);
        string command = script.Split(' ')[0];
        Assert.Equal($"{id},{Commands.ByName(command).FullName}", error.FullyQualifiedErrorId);
        Assert.Equal(command, error.CategoryInfo.Activity);
        if (target is not null)
            Assert.Equal(target, error.TargetObject?.ToString());
        Assert.Equal("and on", outcome.Single<string>());
    }

    [Theory]
    [InlineData("Get-VirtDomain -VirtHost h9", "VirtHostNotConnected", ErrorCategory.ObjectNotFound)]
    [InlineData("Set-VirtDomain web1", "VirtInvalidArgument", ErrorCategory.InvalidArgument)]
    [InlineData("Set-VirtNic web1", "VirtInvalidArgument", ErrorCategory.InvalidArgument)]
    [InlineData("Export-VirtDomain web1 -AsObject", "VirtInvalidArgument", ErrorCategory.InvalidArgument)]
    [InlineData("Register-VirtEvent -SourceIdentifier PowerShell.Mine", "VirtInvalidArgument", ErrorCategory.InvalidArgument)]
    [InlineData("Add-VirtDevice web1 disk", "VirtInvalidArgument", ErrorCategory.InvalidArgument)]
    public async Task What_makes_no_sense_ends_the_command_before_it_begins(string script, string id, ErrorCategory category)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = await lab.RunToItsEndAsync($"'web1', 'web2' | Out-Null; {script}");
        Assert.Equal($"{id},{Commands.ByName(script.Split(' ')[0]).FullName}", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.DoesNotContain(lab["h1"].Spy.Calls, call => call != "GetHost");
    }

    [Fact]
    public async Task A_user_reads_what_happened_and_what_to_do_and_no_stack()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("$PSStyle.OutputRendering = 'PlainText'; Get-VirtDomain nope 2>&1 | Out-String -Width 120");
        string text = outcome.Single<string>();
        Assert.StartsWith("Get-VirtDomain: No domain with the name 'nope' on h1.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Advice_is_in_the_error_for_who_looks()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Get-VirtDomain nope -ErrorAction SilentlyContinue; $Error[0].ErrorDetails.RecommendedAction");
        Assert.Contains("Get-VirtDomain", outcome.Single<string>(), StringComparison.Ordinal);
    }
}
