namespace Virt.Tests.PowerShell;

/// <summary>For each command one use that works, for what must hold for all of them.</summary>
internal static class Examples
{
    private static readonly SortedDictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["Add-VirtDevice"] = "Add-VirtDevice web2 rng",
        ["Add-VirtDisk"] = "Add-VirtDisk web2 5GB",
        ["Add-VirtNic"] = "Add-VirtNic web2 user",
        ["Connect-VirtHost"] = "Connect-VirtHost spy://h2/",
        ["Disconnect-VirtHost"] = "Disconnect-VirtHost h1",
        ["Edit-VirtXml"] = "Edit-VirtXml web2 { $_.domain.title = 'New' }",
        ["Enter-VirtConsole"] = "Enter-VirtConsole web1 -Until hypervisor",
        ["Export-VirtDomain"] = "Export-VirtDomain web2 $folder",
        ["Get-VirtCapability"] = "Get-VirtCapability Host; Get-VirtCapability Domain; Get-VirtCapability CpuModel; Get-VirtCapability -Raw",
        ["Get-VirtConsole"] = "Get-VirtConsole web1",
        ["Get-VirtDevice"] = "Get-VirtDevice web1",
        ["Get-VirtDisk"] = "Get-VirtDisk web1",
        ["Get-VirtDomain"] = "Get-VirtDomain",
        ["Get-VirtHost"] = "Get-VirtHost",
        ["Get-VirtNic"] = "Get-VirtNic web1",
        ["Get-VirtSecret"] = "Get-VirtSecret",
        ["Get-VirtXml"] = "Get-VirtXml web1; Get-VirtXml web1 -Raw",
        ["Import-VirtDomain"] = "Import-VirtDomain $file",
        ["Measure-VirtDomain"] = "Measure-VirtDomain web1 -IntervalSec 0.1",
        ["New-VirtDiskSpec"] = "New-VirtDiskSpec -Path /a",
        ["New-VirtDomain"] = "New-VirtDomain n2",
        ["New-VirtNicSpec"] = "New-VirtNicSpec bridge:br0",
        ["New-VirtSecret"] = "New-VirtSecret Ceph new",
        ["Register-VirtEvent"] = "Register-VirtEvent",
        ["Remove-VirtDevice"] = "Remove-VirtDevice web2 watchdog",
        ["Remove-VirtDisk"] = "Remove-VirtDisk web2 vda",
        ["Remove-VirtDomain"] = "Remove-VirtDomain web2",
        ["Remove-VirtNic"] = "Remove-VirtNic web1 52:54:00:00:00:01 -Scope Config",
        ["Remove-VirtSecret"] = "Remove-VirtSecret db",
        ["Rename-VirtDomain"] = "Rename-VirtDomain web2 www",
        ["Restart-VirtDomain"] = "Restart-VirtDomain web1",
        ["Resume-VirtDomain"] = "Resume-VirtDomain db1",
        ["Set-VirtDevice"] = "Set-VirtDevice web2 watchdog @{ Action = 'poweroff' }",
        ["Set-VirtDisk"] = "Set-VirtDisk web1 sda -Iso /a.iso",
        ["Set-VirtDomain"] = "Set-VirtDomain web2 -Title New",
        ["Set-VirtNic"] = "Set-VirtNic web1 -Connected $false",
        ["Set-VirtSecret"] = "Set-VirtSecret db -Value $value",
        ["Start-VirtDomain"] = "Start-VirtDomain web2",
        ["Stop-VirtDomain"] = "Stop-VirtDomain web1",
        ["Suspend-VirtDomain"] = "Suspend-VirtDomain web1",
        ["Test-VirtHost"] = "Test-VirtHost",
        ["Wait-VirtDomain"] = "Wait-VirtDomain web1 -State Running",
    };

    public static IReadOnlyDictionary<string, string> All => Scripts;

    /// <summary>A lab in which each of them works.</summary>
    public static async Task<Lab> LabAsync()
    {
        Lab lab = await Lab.WithAsync("h1");
        string file = Path.Combine(lab.Folder, "imported.xml");
        await File.WriteAllTextAsync(
            file, "<domain type='test'><name>imported</name><memory>1024</memory><os><type>hvm</type></os></domain>",
            TestContext.Current.CancellationToken);
        lab.Set("folder", lab.Folder).Set("file", file);
        (await lab.RunAsync(
            """
            $value = ConvertTo-SecureString secret -AsPlainText -Force
            New-VirtSecret Ceph db -Value $value | Out-Null
            Add-VirtDevice web2 watchdog | Out-Null
            """)).Well();
        lab["h1"].Spy.Calls.Clear();
        return lab;
    }

    /// <summary>The names of the commands for which something holds, for theories.</summary>
    public static TheoryData<string> NamesOf(Func<Type, bool> holds) => [.. Commands.All.Where(holds).Select(Commands.NameOf).Order(StringComparer.Ordinal)];
}
