using System.Management.Automation;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class NewVirtDomainTests
{
    private const string Xml = "<domain type='test'><name>n1</name><memory>1024</memory><os><type>hvm</type></os></domain>";

    private const string Refused = "VirtInvalidArgument,Virt.PowerShell.NewVirtDomainCommand";

    [Fact]
    public async Task Parameters_become_a_definition()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = (await lab.RunAsync(
            """
            New-VirtDomain 'n <1>' -Memory 512MB -VCpu 2 -Disk /d/a.qcow2 -Cdrom /d/cd.iso -Kernel /k -Initrd /i -CommandLine 'a="b" & c' `
                -Network none -Graphics vnc -Serial unix:/run/s -Title T -Description D
            """)).Well();
        Assert.Equal(["n <1>"], outcome.DomainNames);
        XElement domain = XElement.Parse(lab["h1"].Spy.DefinedXml!);
        Assert.Equal("a=\"b\" & c", domain.Element("os")!.Element("cmdline")!.Value);
        Assert.Null(domain.Element("devices")!.Element("interface"));
        Assert.Equal("127.0.0.1", domain.Element("devices")!.Element("graphics")!.Attribute("listen")!.Value);
        Assert.Equal("/run/s", domain.Element("devices")!.Element("serial")!.Element("source")!.Attribute("path")!.Value);
        Assert.Equal("cdrom", domain.Descendants("disk").Last().Attribute("device")!.Value);
        Assert.Equal(DomainState.Shutoff, outcome.Single<VirtDomain>().State);
    }

    [Theory]
    [InlineData(true, "kvm,qemu", "kvm")]
    [InlineData(false, "kvm,qemu", "qemu")]
    [InlineData(false, "qemu", "qemu")]
    [InlineData(true, "qemu", "qemu")]
    public async Task The_type_is_kvm_only_where_it_was_proven_usable(bool usable, string types, string expected)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Spy.Capable = capabilities => capabilities with
        {
            KvmUsable = usable, Guests = [capabilities.Guests[0] with { DomainTypes = types.Split(',') }],
        };
        await lab.RunAsync("New-VirtDomain n1");
        Assert.Equal(expected, XElement.Parse(lab["h1"].Spy.DefinedXml!).Attribute("type")!.Value);
    }

    [Fact]
    public async Task Start_paused_and_transient_are_done()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("New-VirtDomain n1 -Start; New-VirtDomain n2 -Paused; New-VirtDomain n3 -Transient -Validate")).Well();
        Assert.Equal(
            ["StartDomain None", "StartDomain Paused", "CreateDomain Validate"],
            lab["h1"].Spy.Calls.Where(call => call.StartsWith("Start", StringComparison.Ordinal)
            || call.StartsWith("Create", StringComparison.Ordinal)));
        Assert.False((await lab.DomainAsync("n3")).Persistent);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_even_with_Force()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = (await lab.RunAsync("New-VirtDomain web1 -Force")).Error("VirtDomainExists", ErrorCategory.ResourceExists);
        Assert.Equal("web1", error.TargetObject);
        Assert.DoesNotContain("DefineDomain", lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Xml_in_each_form_makes_a_domain()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                file, Xml.Replace("n1", "n4", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            lab.Set("text", Xml).Set("element", XElement.Parse(Xml.Replace("n1", "n3", StringComparison.Ordinal))).Set("file", file);
            Outcome outcome = await lab.RunAsync(
                "$text, [xml]$text.Replace('n1', 'n2'), $element, (Get-Item $file) | New-VirtDomain");
            Assert.Equal(["n1", "n2", "n3", "n4"], outcome.Well().DomainNames.Order());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Malformed_Xml_is_an_error_about_it_and_the_next_is_made()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        const string Malformed = "<domain>\n<oops</domain>";
        Outcome outcome = await lab.Set("both", new[] { Malformed, Xml }).RunAsync("New-VirtDomain -Xml $both");
        ErrorRecord error = outcome.Error("VirtMalformedXml", ErrorCategory.InvalidData);
        Assert.Equal(Malformed, error.TargetObject);
        Assert.Contains("ine 2", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Equal(["n1"], outcome.DomainNames);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_an_error_about_it()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        string missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        ErrorRecord error = (await lab.RunAsync($"New-VirtDomain -Path '{missing}'")).Error("VirtInvalidArgument", ErrorCategory.InvalidArgument);
        Assert.Equal(missing, error.TargetObject);
        Assert.Contains(missing, error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_an_error_about_it()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        string folder = Directory.CreateTempSubdirectory("virt-no-file-").FullName;
        try
        {
            ErrorRecord error = (await lab.RunAsync($"New-VirtDomain -Path '{folder}'")).Error("VirtSystemError", ErrorCategory.ResourceUnavailable);
            Assert.Equal(folder, error.TargetObject);
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    [Fact]
    public async Task Two_hosts_are_one_too_many()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        Assert.Equal(Refused, (await lab.RunToItsEndAsync("New-VirtDomain n1")).FullyQualifiedErrorId);
        Assert.Equal("h2", (await lab.RunAsync("New-VirtDomain n1 -VirtHost h2")).Single<VirtDomain>().VirtHost.Name);
    }

    [Fact]
    public async Task WhatIf_makes_nothing()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(
            "Define and start domain 'n1' on h1: 1 GiB, 1 virtual CPU, network card on user network",
            Assert.Single((await lab.RunAsync("New-VirtDomain n1 -Start -WhatIf")).Effects));
        Assert.DoesNotContain("DefineDomain", lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Images_are_made_and_put_in()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("New-VirtDomain n1 -Disk 20GB, data:5GB, 1GB -CloudInit '#cloud-config'")).Well();
        Assert.Equal(
            ["/guest/n1.qcow2", "/guest/data.qcow2", "/guest/n1-2.qcow2", "/guest/n1-cloudinit.iso"],
            XElement.Parse(lab["h1"].Spy.DefinedXml!).Descendants("source").Select(source => (string?)source.Attribute("file")).OfType<string>());
    }

    [Theory]
    [InlineData("a/b", "D")]
    [InlineData(" n1", "D")]
    [InlineData("n1", "a\0b")]
    public async Task What_cannot_be_a_name_or_text_is_refused_before_anything_is_made(string name, string description)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Set("name", name).Set("description", description);
        ErrorRecord error = await lab.RunToItsEndAsync("New-VirtDomain $name -Description $description -Disk 20GB");
        Assert.Equal(Refused, error.FullyQualifiedErrorId);
    }

    [Fact]
    public async Task What_was_made_is_taken_back_when_the_rest_fails()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        RefuseToStart(lab);
        const string Command = "New-VirtDomain n1 -Disk 20GB -Start";
        Outcome failed = await lab.RunAsync(Command);
        failed.Error("VirtSystemError", ErrorCategory.ResourceUnavailable);
        Assert.Empty(failed.Warnings);
        lab["h1"].Spy.Before = (_, _) => Task.CompletedTask;
        Assert.Equal(["n1"], (await lab.RunAsync(Command)).DomainNames);
    }

    [Fact]
    public async Task A_domain_that_was_there_outlives_a_failed_start()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        RefuseToStart(lab);
        VirtDomain web2 = await lab.DomainAsync("web2");
        lab.Set("xml", Xml.Replace("<name>n1</name>", $"<name>web2</name><uuid>{web2.Uuid}</uuid>", StringComparison.Ordinal));
        (await lab.RunAsync("New-VirtDomain -Xml $xml -Force -Start")).Error("VirtSystemError", ErrorCategory.ResourceUnavailable);
        Assert.Equal(web2.Uuid, (await lab.DomainAsync("web2")).Uuid);
    }

    [Fact]
    public async Task Autostart_is_set()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.True((await lab.RunAsync("New-VirtDomain n1 -Autostart")).Single<VirtDomain>().Autostart);
    }

    [Theory]
    [InlineData("-Autostart -Transient")]
    [InlineData("-Initrd /i")]
    [InlineData("-Memory 2GB -MaximumMemory 1GB")]
    public async Task Parameters_that_make_no_sense_together_are_refused(string parameters)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(Refused, (await lab.RunToItsEndAsync("New-VirtDomain n2 " + parameters)).FullyQualifiedErrorId);
        Assert.DoesNotContain("DefineDomain", lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Storage_that_a_domain_alone_used_goes_with_it()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        const string Command = "New-VirtDomain n1 -Disk x:5GB, /guest/web1.qcow2";
        (await lab.RunAsync(Command)).Well();
        Outcome removed = (await lab.RunAsync("Remove-VirtDomain n1 -DeleteStorage -Confirm:$false")).Well();
        Assert.Contains("'web1' uses it too", Assert.Single(removed.Warnings), StringComparison.Ordinal);
        (await lab.RunAsync(Command)).Well();
    }

    private static void RefuseToStart(Lab lab) => lab["h1"].Spy.Before = (call, _) =>
        call.StartsWith("StartDomain", StringComparison.Ordinal) ? throw new VirtException(VirtErrorCode.SystemError, "no") : Task.CompletedTask;
}
