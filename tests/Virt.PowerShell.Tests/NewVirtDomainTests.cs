using System.Management.Automation;
using System.Xml;
using System.Xml.Linq;
using Virt.Domains;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class NewVirtDomainTests
{
    private const string Xml = "<domain type='test'><name>n1</name><memory>1024</memory><os><type>hvm</type></os></domain>";

    [Fact]
    public async Task Parameters_become_a_definition()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new NewVirtDomainCommand
        {
            Name = "n <1>", Memory = 512L << 20, VCpu = 2, Disk = [DiskSpec.FromText("/d/a.qcow2")],
            Cdrom = [new() { Path = "/d/cd.iso", Device = "cdrom" }], Kernel = "/k", Initrd = "/i",
            CommandLine = "a=\"b\" & c", Network = [NicSpec.FromText("none")], Graphics = [new("vnc")], Serial = [SerialSpecAttribute.FromText("unix:/run/s")], Title = "T",
            Description = "D",
        });
        Assert.Empty(command.Errors);
        Assert.Equal(["n <1>"], command.NamesOf());
        XElement domain = XElement.Parse(lab["h1"].Spy.DefinedXml!);
        Assert.Equal("a=\"b\" & c", domain.Element("os")!.Element("cmdline")!.Value);
        Assert.Null(domain.Element("devices")!.Element("interface"));
        Assert.Equal("127.0.0.1", domain.Element("devices")!.Element("graphics")!.Attribute("listen")!.Value);
        Assert.Equal("/run/s", domain.Element("devices")!.Element("serial")!.Element("source")!.Attribute("path")!.Value);
        Assert.Equal(DomainState.Shutoff, Assert.IsType<VirtDomain>(Assert.Single(command.Output)).State);
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
        lab.Run(new NewVirtDomainCommand { Name = "n1", Confirmed = true });
        Assert.Equal(expected, XElement.Parse(lab["h1"].Spy.DefinedXml!).Attribute("type")!.Value);
    }

    [Fact]
    public async Task Start_paused_and_transient_are_done()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new NewVirtDomainCommand { Name = "n1", Start = true });
        lab.Run(new NewVirtDomainCommand { Name = "n2", Paused = true });
        lab.Run(new NewVirtDomainCommand { Name = "n3", Transient = true, Validate = true });
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
        var error = lab.Run(new NewVirtDomainCommand { Name = "web1", Force = true })
            .Error("VirtDomainExists", ErrorCategory.ResourceExists);
        Assert.Equal("web1", error.TargetObject);
        Assert.DoesNotContain("DefineDomain", lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Xml_in_each_form_makes_a_domain()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var document = new XmlDocument();
        document.LoadXml(Xml.Replace("n1", "n2", StringComparison.Ordinal));
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                file, Xml.Replace("n1", "n4", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            DomainXml[] forms =
            [
                new(Xml), new(document), new(XElement.Parse(Xml.Replace("n1", "n3", StringComparison.Ordinal))),
                new(new FileInfo(file)),
            ];
            var command = lab.Run(new NewVirtDomainCommand { Xml = forms }, "Xml");
            Assert.Empty(command.Errors);
            Assert.Equal(["n1", "n2", "n3", "n4"], command.NamesOf().Order());
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
        var command = lab.Run(new NewVirtDomainCommand { Xml = [new("<domain>\n<oops</domain>"), new(Xml)] }, "Xml");
        var error = command.Error("VirtMalformedXml", ErrorCategory.InvalidData);
        Assert.Equal("<domain>\n<oops</domain>", error.TargetObject);
        Assert.Contains("ine 2", error.ErrorDetails!.Message, StringComparison.Ordinal);
        Assert.Equal(["n1"], command.NamesOf());
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_an_error_about_it()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        string missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        var error = lab.Run(new NewVirtDomainCommand { Path = [missing] }, "Path")
            .Error("VirtSystemError", ErrorCategory.ResourceUnavailable);
        Assert.Equal(missing, error.TargetObject);
    }

    [Fact]
    public async Task Two_hosts_are_one_too_many()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        Assert.Equal("VirtInvalidArgument", lab.RunToItsEnd(new NewVirtDomainCommand { Name = "n1" }).FullyQualifiedErrorId);
        var command = lab.Run(new NewVirtDomainCommand { Name = "n1", VirtHost = [new HostIdentity("h2")] });
        Assert.Equal("h2", Assert.IsType<VirtDomain>(Assert.Single(command.Output)).VirtHost.Name);
    }

    [Fact]
    public async Task WhatIf_makes_nothing()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new NewVirtDomainCommand { Name = "n1", Start = true, Confirmed = false });
        Assert.Equal("Define and start domain 'n1' on h1: 1 GiB, 1 virtual CPU, network card on user network", Assert.Single(command.Effects));
        Assert.DoesNotContain("DefineDomain", lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Images_are_made_and_put_in()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new NewVirtDomainCommand
        {
            Name = "n1", Disk = [DiskSpec.FromText("20GB"), DiskSpec.FromText("data:5GB"), DiskSpec.FromText("1GB")],
            CloudInit = "#cloud-config",
        });
        Assert.Empty(command.Errors);
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
        var error = lab.RunToItsEnd(new NewVirtDomainCommand { Name = name, Description = description, Disk = [DiskSpec.FromText("20GB")] });
        Assert.Equal("VirtInvalidArgument", error.FullyQualifiedErrorId);
    }

    [Fact]
    public async Task What_was_made_is_taken_back_when_the_rest_fails()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Spy.Before = (call, _) => call.StartsWith("StartDomain", StringComparison.Ordinal)
            ? throw new Virt.Errors.VirtException(Virt.Errors.VirtErrorCode.SystemError, "no") : Task.CompletedTask;
        NewVirtDomainCommand Command() => new() { Name = "n1", Disk = [DiskSpec.FromText("20GB")], Start = true };
        var failed = lab.Run(Command());
        failed.Error("VirtSystemError", ErrorCategory.ResourceUnavailable);
        Assert.Empty(failed.Warnings);
        lab["h1"].Spy.Before = (_, _) => Task.CompletedTask;
        Assert.Equal(["n1"], lab.Run(Command()).NamesOf());
    }

    [Fact]
    public async Task A_domain_that_was_there_outlives_a_failed_start()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Spy.Before = (call, _) => call.StartsWith("StartDomain", StringComparison.Ordinal)
            ? throw new Virt.Errors.VirtException(Virt.Errors.VirtErrorCode.SystemError, "no") : Task.CompletedTask;
        VirtDomain web2 = await lab.DomainAsync("web2");
        string xml = Xml.Replace("<name>n1</name>", $"<name>web2</name><uuid>{web2.Uuid}</uuid>", StringComparison.Ordinal);
        lab.Run(new NewVirtDomainCommand { Xml = [new(xml)], Force = true, Start = true }, "Xml")
            .Error("VirtSystemError", ErrorCategory.ResourceUnavailable);
        Assert.Equal(web2.Uuid, (await lab.DomainAsync("web2")).Uuid);
    }

    [Fact]
    public async Task Autostart_is_set_and_makes_no_sense_with_transient()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.True(Assert.IsType<VirtDomain>(Assert.Single(lab.Run(new NewVirtDomainCommand { Name = "n1", Autostart = true }).Output)).Autostart);
        Assert.Equal(
            "VirtInvalidArgument",
            lab.RunToItsEnd(new NewVirtDomainCommand { Name = "n2", Autostart = true, Transient = true }).FullyQualifiedErrorId);
        Assert.Equal(
            "VirtInvalidArgument", lab.RunToItsEnd(new NewVirtDomainCommand { Name = "n2", Initrd = "/i" }).FullyQualifiedErrorId);
        Assert.Equal(
            "VirtInvalidArgument",
            lab.RunToItsEnd(new NewVirtDomainCommand { Name = "n2", Memory = 2L << 30, MaximumMemory = 1L << 30 }).FullyQualifiedErrorId);
    }

    [Fact]
    public async Task Storage_that_a_domain_alone_used_goes_with_it()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        NewVirtDomainCommand Command() => new() { Name = "n1", Disk = [DiskSpec.FromText("x:5GB"), DiskSpec.FromText("/guest/web1.qcow2")] };
        lab.Run(Command());
        var removed = lab.Run(new RemoveVirtDomainCommand { DeleteStorage = true }, null, Lab.Names("n1"));
        Assert.Empty(removed.Errors);
        Assert.Contains("'web1' uses it too", Assert.Single(removed.Warnings), StringComparison.Ordinal);
        Assert.Empty(lab.Run(Command()).Errors);
    }
}
